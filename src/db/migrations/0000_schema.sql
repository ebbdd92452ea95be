CREATE TABLE "audit_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"request_id" text,
	"connection_id" text,
	"generation" integer NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "about_something" CHECK ("audit_events"."request_id" is not null or "audit_events"."connection_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "code_redemptions" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"code_hash" text,
	"lease_until" timestamp (3) with time zone,
	"judged_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "without_code_is_judged" CHECK ("code_redemptions"."code_hash" is not null or "code_redemptions"."judged_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "events" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"audit_id" bigint NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ms_provision_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text DEFAULT 'connect' NOT NULL,
	"sso_origin" text,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"org_name" text,
	"started_by" text NOT NULL,
	"return_to" text,
	"access" text,
	"wanted_connection_id" text,
	"additional" boolean DEFAULT false NOT NULL,
	"binding" text NOT NULL,
	"state_hash" text NOT NULL,
	"browser_hash" text,
	"confirm_hash" text,
	"proof_lease_until" timestamp (3) with time zone,
	"status" text NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"tenant_hint" text,
	"entra_tenant_id" text,
	"connection_id" text,
	"workflow_id" text,
	"create_intent_at" timestamp (3) with time zone,
	"create_refused" boolean DEFAULT false NOT NULL,
	"adopted" boolean DEFAULT false NOT NULL,
	"app_object_id" text,
	"app_id" text,
	"service_principal_id" text,
	"credential_attempt" integer DEFAULT 0 NOT NULL,
	"secret_lifetime_days" integer,
	"users_consented" boolean DEFAULT false NOT NULL,
	"cleanup" text DEFAULT 'none' NOT NULL,
	"joined_request_id" text,
	"error_code" text,
	"error_microsoft" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"proved_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	"settle_due_at" timestamp (3) with time zone,
	CONSTRAINT "status_known" CHECK ("ms_provision_requests"."status" in ('issued', 'consented', 'unconfirmed', 'proved', 'provisioning', 'succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')),
	CONSTRAINT "kind_known" CHECK ("ms_provision_requests"."kind" in ('connect', 'renewal')),
	CONSTRAINT "binding_known" CHECK ("ms_provision_requests"."binding" in ('cookie', 'confirm')),
	CONSTRAINT "access_known" CHECK ("ms_provision_requests"."access" in ('everyone', 'assigned')),
	CONSTRAINT "one_wish" CHECK ("ms_provision_requests"."wanted_connection_id" is null or not "ms_provision_requests"."additional"),
	CONSTRAINT "cleanup_known" CHECK ("ms_provision_requests"."cleanup" in ('none', 'pending', 'done', 'needs_operator')),
	CONSTRAINT "cookie_binding_has_browser" CHECK ("ms_provision_requests"."binding" <> 'cookie' or "ms_provision_requests"."browser_hash" is not null),
	CONSTRAINT "driven_is_proved" CHECK ("ms_provision_requests"."status" not in ('proved', 'provisioning', 'succeeded') or ("ms_provision_requests"."entra_tenant_id" is not null and "ms_provision_requests"."connection_id" is not null and "ms_provision_requests"."proved_at" is not null)),
	CONSTRAINT "failed_says_why" CHECK ("ms_provision_requests"."status" not in ('failed', 'denied', 'refused') or "ms_provision_requests"."error_code" is not null),
	CONSTRAINT "superseded_names_other" CHECK ("ms_provision_requests"."status" <> 'superseded' or "ms_provision_requests"."joined_request_id" is not null),
	CONSTRAINT "ended_has_time" CHECK (("ms_provision_requests"."status" in ('succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')) = ("ms_provision_requests"."completed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "signin_codes" (
	"code_hash" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"sealed" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"spent_at" timestamp (3) with time zone,
	"replayed_at" timestamp (3) with time zone,
	"forget_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "spent_is_empty" CHECK ("signin_codes"."spent_at" is null or "signin_codes"."sealed" is null)
);
--> statement-breakpoint
CREATE TABLE "signin_tokens" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"code_hash" text NOT NULL,
	"client_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"sid" text NOT NULL,
	"sealed" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"algorithm" text NOT NULL,
	"state" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"sealed_private" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"activated_at" timestamp (3) with time zone,
	"retired_at" timestamp (3) with time zone,
	CONSTRAINT "algorithm_known" CHECK ("signing_keys"."algorithm" in ('RS256', 'EdDSA')),
	CONSTRAINT "key_state_known" CHECK ("signing_keys"."state" in ('next', 'active', 'retired', 'gone')),
	CONSTRAINT "gone_is_empty" CHECK (("signing_keys"."state" = 'gone') = ("signing_keys"."sealed_private" is null)),
	CONSTRAINT "private_is_sealed" CHECK ("signing_keys"."sealed_private" like 'asv1.%')
);
--> statement-breakpoint
CREATE TABLE "sso_connections" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"protocol" text NOT NULL,
	"provider" text NOT NULL,
	"status" text NOT NULL,
	"epoch" integer DEFAULT 1 NOT NULL,
	"managed_by" text NOT NULL,
	"entra_tenant_id" text NOT NULL,
	"app_id" text NOT NULL,
	"app_object_id" text NOT NULL,
	"service_principal_id" text NOT NULL,
	"issuer" text NOT NULL,
	"redirect_uri" text NOT NULL,
	"sealed_secret" text,
	"secret_key_id" text NOT NULL,
	"secret_expires_at" timestamp (3) with time zone NOT NULL,
	"entra_domain" text,
	"display_name" text,
	"access" text DEFAULT 'everyone' NOT NULL,
	"configured_by" text NOT NULL,
	"users_consented_at" timestamp (3) with time zone,
	"last_sign_in_at" timestamp (3) with time zone,
	"renewal_attempted_at" timestamp (3) with time zone,
	"renewal_error_code" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "connection_access_known" CHECK ("sso_connections"."access" in ('everyone', 'assigned')),
	CONSTRAINT "protocol_known" CHECK ("sso_connections"."protocol" = 'oidc'),
	CONSTRAINT "provider_known" CHECK ("sso_connections"."provider" = 'entra'),
	CONSTRAINT "status_known" CHECK ("sso_connections"."status" in ('active', 'suspended', 'disconnected')),
	CONSTRAINT "managed_by_known" CHECK ("sso_connections"."managed_by" = 'microsoft_graph'),
	CONSTRAINT "secret_is_sealed" CHECK ("sso_connections"."sealed_secret" like 'asv1.%'),
	CONSTRAINT "live_has_secret" CHECK ("sso_connections"."status" = 'disconnected' or "sso_connections"."sealed_secret" is not null)
);
--> statement-breakpoint
CREATE INDEX "audit_events_by_request" ON "audit_events" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "audit_events_by_org" ON "audit_events" USING btree ("org_id","at");--> statement-breakpoint
CREATE INDEX "audit_events_by_time" ON "audit_events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "code_redemptions_by_expiry" ON "code_redemptions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "events_once" ON "events" USING btree ("audit_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ms_provision_requests_state_hash" ON "ms_provision_requests" USING btree ("state_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "ms_provision_requests_one_in_hand" ON "ms_provision_requests" USING btree ("org_id","entra_tenant_id") WHERE "ms_provision_requests"."status" in ('proved', 'provisioning');--> statement-breakpoint
CREATE INDEX "ms_provision_requests_by_org" ON "ms_provision_requests" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "ms_provision_requests_unfinished" ON "ms_provision_requests" USING btree ("status","expires_at") WHERE "ms_provision_requests"."status" in ('issued', 'consented', 'unconfirmed', 'proved', 'provisioning') or "ms_provision_requests"."cleanup" = 'pending';--> statement-breakpoint
CREATE INDEX "ms_provision_requests_by_tenant" ON "ms_provision_requests" USING btree ("entra_tenant_id","created_at") WHERE "ms_provision_requests"."status" in ('proved', 'provisioning');--> statement-breakpoint
CREATE INDEX "ms_provision_requests_settle_due" ON "ms_provision_requests" USING btree ("settle_due_at") WHERE "ms_provision_requests"."settle_due_at" is not null;--> statement-breakpoint
CREATE INDEX "signin_codes_by_end" ON "signin_codes" USING btree ("forget_at");--> statement-breakpoint
CREATE INDEX "signin_tokens_by_code" ON "signin_tokens" USING btree ("code_hash");--> statement-breakpoint
CREATE INDEX "signin_tokens_by_sid" ON "signin_tokens" USING btree ("sid");--> statement-breakpoint
CREATE INDEX "signin_tokens_by_end" ON "signin_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "signing_keys_one_active" ON "signing_keys" USING btree ("algorithm") WHERE "signing_keys"."state" = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "signing_keys_one_next" ON "signing_keys" USING btree ("algorithm") WHERE "signing_keys"."state" = 'next';--> statement-breakpoint
CREATE UNIQUE INDEX "sso_connections_one_live" ON "sso_connections" USING btree ("org_id","entra_tenant_id") WHERE "sso_connections"."status" in ('active', 'suspended');