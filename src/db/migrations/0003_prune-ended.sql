-- The one way in which rows of these tables go. It runs with the rights of their owner, so that the service's own role
-- deletes nothing but what ended at least 30 days ago and nobody needs: clean-up done, no strays to look for, and not the
-- run that says whom a connection admits. Of the feed it keeps the last day that was told of and what is still to be sent.
CREATE FUNCTION prune_ended(ended_before timestamptz, told_before timestamptz, batch integer)
  RETURNS TABLE (operations bigint, clicks bigint, events bigint)
  LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF greatest(ended_before, told_before) > now() - interval '30 days' THEN
    RAISE EXCEPTION 'nothing younger than 30 days is pruned' USING ERRCODE = 'restrict_violation';
  END IF;

  DELETE FROM connection_operations WHERE id IN (
    SELECT old.id FROM connection_operations AS old
    WHERE old.completed_at < ended_before AND old.cleanup IN ('none', 'done') AND old.settle_due_at IS NULL
      AND NOT (
        old.status = 'succeeded' AND old.access IS NOT NULL AND NOT EXISTS (
          SELECT FROM connection_operations AS newer
          WHERE newer.connection_id = old.connection_id AND newer.status = 'succeeded'
            AND newer.access IS NOT NULL AND newer.created_at > old.created_at))
    ORDER BY old.completed_at LIMIT batch);
  GET DIAGNOSTICS operations = ROW_COUNT;

  DELETE FROM ms_provision_requests WHERE id IN (
    SELECT old.id FROM ms_provision_requests AS old
    WHERE old.completed_at < ended_before AND old.cleanup IN ('none', 'done')
      AND NOT EXISTS (SELECT FROM connection_operations AS its WHERE its.id = old.operation_id)
    ORDER BY old.completed_at LIMIT batch);
  GET DIAGNOSTICS clicks = ROW_COUNT;

  DELETE FROM setup_links WHERE id IN (
    SELECT old.id FROM setup_links AS old
    WHERE coalesce(old.ended_at, old.expires_at) < ended_before
      AND NOT EXISTS (SELECT FROM ms_provision_requests AS its WHERE its.setup_link_id = old.id)
    ORDER BY old.created_at LIMIT batch);

  DELETE FROM events AS feed WHERE feed.position IN (
    SELECT old.position FROM events AS old JOIN audit_events ON audit_events.id = old.audit_id
    WHERE audit_events.at < least(told_before, (
        SELECT last.at FROM audit_events AS last
        WHERE last.id = (SELECT newest.audit_id FROM events AS newest ORDER BY newest.position DESC LIMIT 1)
      ) - interval '1 day')
      AND NOT EXISTS (SELECT FROM webhook_deliveries AS sent WHERE sent.position = old.position)
    ORDER BY old.position LIMIT batch);
  GET DIAGNOSTICS events = ROW_COUNT;
  RETURN NEXT;
END;
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION prune_ended(timestamptz, timestamptz, integer) FROM PUBLIC;
--> statement-breakpoint
-- Nothing that a caller makes may stand in for these tables, their own temporary ones least of all.
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION prune_ended(timestamptz, timestamptz, integer) SET search_path = %I, pg_temp', current_schema());
END $$;
