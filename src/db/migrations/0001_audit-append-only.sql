CREATE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'restrict_violation';
END;
$$;
--> statement-breakpoint
-- The trail lies in a partition a month (UTC), so that months which were exported can be dropped whole. Drizzle makes plain
-- tables only, so the plain one gives its columns, checks and indexes to a partitioned one. What fits no month lies in the
-- default partition: a row is never refused for its time.
DO $$
DECLARE
  definitions text[];
  definition text;
BEGIN
  SELECT array_agg(pg_get_indexdef(indexrelid)) INTO definitions
    FROM pg_index WHERE indrelid = 'audit_events'::regclass AND NOT indisprimary;
  ALTER SEQUENCE audit_events_id_seq OWNED BY NONE;
  ALTER TABLE audit_events RENAME TO audit_events_plain;
  CREATE TABLE audit_events (LIKE audit_events_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (at);
  DROP TABLE audit_events_plain;
  ALTER SEQUENCE audit_events_id_seq OWNED BY audit_events.id;
  ALTER TABLE audit_events ADD CONSTRAINT audit_events_id_at_pk PRIMARY KEY (id, at);
  FOREACH definition IN ARRAY definitions LOOP
    EXECUTE definition;
  END LOOP;
  CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_change();
--> statement-breakpoint
-- A statement that names a partition meets the partition's own triggers only.
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events_default"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_change();
--> statement-breakpoint
-- Makes the partition of a month where there is none. Attached rather than made in place, so that writers of other months
-- go on meanwhile.
CREATE FUNCTION audit_partition(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  starts timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
  ends timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
  partition text := 'audit_events_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(partition) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
  EXECUTE format('CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_change()', partition);
  EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, starts, ends);
  RETURN true;
EXCEPTION
  -- Rows of that month lie in the default partition already, and stay there; a busy table is asked again later.
  WHEN check_violation OR lock_not_available OR duplicate_table THEN
    RETURN false;
END;
$$;
--> statement-breakpoint
-- This month's partition and those of the next three. With the rights of the tables' owner, for the processes may make none.
CREATE FUNCTION audit_partitions_ahead() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  made integer := 0;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  FOR ahead IN 0..3 LOOP
    IF audit_partition(((now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date) THEN
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END;
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION audit_partition(date), audit_partitions_ahead() FROM PUBLIC;
--> statement-breakpoint
-- Nothing that a caller makes may stand in for these tables, their own temporary ones least of all.
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION audit_partition(date) SET search_path = %I, pg_temp', current_schema());
  EXECUTE format('ALTER FUNCTION audit_partitions_ahead() SET search_path = %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
SELECT audit_partitions_ahead();
