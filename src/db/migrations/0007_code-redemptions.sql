CREATE TABLE "code_redemptions" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"code_hash" text,
	"lease_until" timestamp (3) with time zone,
	"judged_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "without_code_is_judged" CHECK ("code_redemptions"."code_hash" is not null or "code_redemptions"."judged_at" is not null)
);
--> statement-breakpoint
CREATE INDEX "code_redemptions_by_expiry" ON "code_redemptions" USING btree ("expires_at");