CREATE FUNCTION ms_provision_requests_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ms_provision_requests', NEW.id);
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER ms_provision_requests_tell AFTER UPDATE ON "ms_provision_requests"
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION ms_provision_requests_tell();
