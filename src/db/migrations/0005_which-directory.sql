ALTER TABLE "ms_provision_requests" ADD COLUMN "wanted_connection_id" text;--> statement-breakpoint
ALTER TABLE "ms_provision_requests" ADD COLUMN "additional" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "ms_provision_requests" ADD CONSTRAINT "one_wish" CHECK ("ms_provision_requests"."wanted_connection_id" is null or not "ms_provision_requests"."additional");