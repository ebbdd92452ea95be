ALTER TABLE "ms_provision_requests" ADD COLUMN "kind" text DEFAULT 'connect' NOT NULL;--> statement-breakpoint
ALTER TABLE "ms_provision_requests" ADD COLUMN "sso_origin" text;--> statement-breakpoint
ALTER TABLE "ms_provision_requests" ADD COLUMN "settle_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sso_connections" ADD COLUMN "renewal_attempted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sso_connections" ADD COLUMN "renewal_error_code" text;--> statement-breakpoint
CREATE INDEX "ms_provision_requests_by_tenant" ON "ms_provision_requests" USING btree ("entra_tenant_id","created_at") WHERE "ms_provision_requests"."status" in ('proved', 'provisioning');--> statement-breakpoint
CREATE INDEX "ms_provision_requests_settle_due" ON "ms_provision_requests" USING btree ("settle_due_at") WHERE "ms_provision_requests"."settle_due_at" is not null;--> statement-breakpoint
ALTER TABLE "ms_provision_requests" ADD CONSTRAINT "kind_known" CHECK ("ms_provision_requests"."kind" in ('connect', 'renewal'));