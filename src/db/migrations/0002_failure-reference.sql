ALTER TABLE "ms_provision_requests" ADD COLUMN "error_microsoft" jsonb;--> statement-breakpoint
ALTER TABLE "sso_connections" ADD COLUMN "users_consented_at" timestamp (3) with time zone;