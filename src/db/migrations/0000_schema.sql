CREATE TABLE "ms_provision_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"sso_origin" text NOT NULL,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"org_name" text,
	"started_by" text NOT NULL,
	"return_to" text,
	"intent" text DEFAULT 'connect' NOT NULL,
	"access" text,
	"wanted_connection_id" text,
	"additional" boolean DEFAULT false NOT NULL,
	"binding" text NOT NULL,
	"setup_link_id" text,
	"administrator" text,
	"approved_at" timestamp (3) with time zone,
	"state_hash" text NOT NULL,
	"browser_hash" text,
	"confirm_hash" text,
	"proof_lease_until" timestamp (3) with time zone,
	"status" text NOT NULL,
	"tenant_hint" text,
	"entra_tenant_id" text,
	"proved_domain" text,
	"connection_id" text,
	"operation_id" text,
	"cleanup" text DEFAULT 'none' NOT NULL,
	"joined_request_id" text,
	"error_code" text,
	"error_microsoft" jsonb,
	"trace_parent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"proved_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "status_known" CHECK ("ms_provision_requests"."status" in ('issued', 'consented', 'unconfirmed', 'proved', 'provisioning', 'succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')),
	CONSTRAINT "binding_known" CHECK ("ms_provision_requests"."binding" in ('cookie', 'confirm', 'setup_link')),
	CONSTRAINT "setup_link_is_named" CHECK (("ms_provision_requests"."binding" = 'setup_link') = ("ms_provision_requests"."setup_link_id" is not null)),
	CONSTRAINT "approved_by_link" CHECK ("ms_provision_requests"."approved_at" is null or "ms_provision_requests"."binding" = 'setup_link'),
	CONSTRAINT "driven_by_link_is_approved" CHECK ("ms_provision_requests"."binding" <> 'setup_link' or "ms_provision_requests"."status" not in ('proved', 'provisioning', 'succeeded') or "ms_provision_requests"."approved_at" is not null),
	CONSTRAINT "intent_known" CHECK ("ms_provision_requests"."intent" in ('connect', 'release')),
	CONSTRAINT "release_names_connection" CHECK ("ms_provision_requests"."intent" <> 'release' or ("ms_provision_requests"."wanted_connection_id" is not null and "ms_provision_requests"."binding" <> 'setup_link')),
	CONSTRAINT "access_known" CHECK ("ms_provision_requests"."access" in ('everyone', 'assigned')),
	CONSTRAINT "one_wish" CHECK ("ms_provision_requests"."wanted_connection_id" is null or not "ms_provision_requests"."additional"),
	CONSTRAINT "cleanup_known" CHECK ("ms_provision_requests"."cleanup" in ('none', 'pending', 'done', 'needs_operator')),
	CONSTRAINT "cookie_binding_has_browser" CHECK ("ms_provision_requests"."binding" = 'confirm' or "ms_provision_requests"."browser_hash" is not null),
	CONSTRAINT "unproved_has_no_operation" CHECK ("ms_provision_requests"."status" not in ('issued', 'consented', 'unconfirmed') or ("ms_provision_requests"."operation_id" is null and "ms_provision_requests"."connection_id" is null)),
	CONSTRAINT "driven_is_proved" CHECK ("ms_provision_requests"."status" not in ('proved', 'provisioning', 'succeeded') or ("ms_provision_requests"."entra_tenant_id" is not null and "ms_provision_requests"."connection_id" is not null and "ms_provision_requests"."proved_at" is not null and "ms_provision_requests"."operation_id" is not null)),
	CONSTRAINT "unconfirmed_is_proved" CHECK ("ms_provision_requests"."status" <> 'unconfirmed' or ("ms_provision_requests"."entra_tenant_id" is not null and "ms_provision_requests"."proved_at" is not null)),
	CONSTRAINT "failed_says_why" CHECK ("ms_provision_requests"."status" not in ('failed', 'denied', 'refused') or "ms_provision_requests"."error_code" is not null),
	CONSTRAINT "superseded_names_other" CHECK ("ms_provision_requests"."status" <> 'superseded' or "ms_provision_requests"."joined_request_id" is not null),
	CONSTRAINT "ended_has_time" CHECK (("ms_provision_requests"."status" in ('succeeded', 'failed', 'denied', 'refused', 'expired', 'superseded')) = ("ms_provision_requests"."completed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "setup_links" (
	"id" text PRIMARY KEY NOT NULL,
	"sso_origin" text NOT NULL,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"org_name" text,
	"created_by" text NOT NULL,
	"requester" text,
	"token_hash" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"return_url" text,
	"success_url" text,
	"contact_emails" text[] DEFAULT '{}' NOT NULL,
	"domain" text,
	"access" text,
	"wanted_connection_id" text,
	"additional" boolean DEFAULT false NOT NULL,
	"pinned_tenant_id" text,
	"confirmed_request_id" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "setup_link_status_known" CHECK ("setup_links"."status" in ('open', 'confirmed', 'revoked')),
	CONSTRAINT "setup_link_access_known" CHECK ("setup_links"."access" in ('everyone', 'assigned')),
	CONSTRAINT "setup_link_one_wish" CHECK ("setup_links"."wanted_connection_id" is null or not "setup_links"."additional"),
	CONSTRAINT "setup_link_lifetime" CHECK ("setup_links"."expires_at" <= "setup_links"."created_at" + interval '7 days'),
	CONSTRAINT "setup_link_ended_has_time" CHECK (("setup_links"."status" = 'open') = ("setup_links"."ended_at" is null)),
	CONSTRAINT "setup_link_confirmed_names_click" CHECK (("setup_links"."status" = 'confirmed') = ("setup_links"."confirmed_request_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "connection_operations" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"request_id" text,
	"sso_origin" text NOT NULL,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"org_name" text,
	"requested_by" text NOT NULL,
	"connection_id" text NOT NULL,
	"entra_tenant_id" text NOT NULL,
	"proved_domain" text,
	"status" text NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"workflow_id" text,
	"access" text,
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
	"superseded_by" text,
	"error_code" text,
	"error_microsoft" jsonb,
	"trace_parent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp (3) with time zone,
	"settle_due_at" timestamp (3) with time zone,
	CONSTRAINT "kind_known" CHECK ("connection_operations"."kind" in ('connect', 'renew', 'disconnect', 'restore', 'change_access', 'release')),
	CONSTRAINT "operation_status_known" CHECK ("connection_operations"."status" in ('waiting', 'running', 'succeeded', 'failed', 'superseded')),
	CONSTRAINT "click_has_operation" CHECK (("connection_operations"."kind" in ('connect', 'release')) = ("connection_operations"."request_id" is not null)),
	CONSTRAINT "operation_access_known" CHECK ("connection_operations"."access" in ('everyone', 'assigned')),
	CONSTRAINT "operation_cleanup_known" CHECK ("connection_operations"."cleanup" in ('none', 'pending', 'done', 'needs_operator')),
	CONSTRAINT "application_is_whole" CHECK (("connection_operations"."app_object_id" is null) = ("connection_operations"."app_id" is null) and ("connection_operations"."app_id" is null) = ("connection_operations"."service_principal_id" is null)),
	CONSTRAINT "running_has_workflow" CHECK ("connection_operations"."status" <> 'running' or "connection_operations"."workflow_id" is not null),
	CONSTRAINT "operation_failed_says_why" CHECK (("connection_operations"."status" = 'failed') = ("connection_operations"."error_code" is not null)),
	CONSTRAINT "operation_superseded_names_other" CHECK (("connection_operations"."status" = 'superseded') = ("connection_operations"."superseded_by" is not null)),
	CONSTRAINT "operation_ended_has_time" CHECK (("connection_operations"."status" in ('succeeded', 'failed', 'superseded')) = ("connection_operations"."completed_at" is not null))
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
	"secret_set_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"entra_domain" text,
	"proved_domain" text,
	"domain_looked_at" timestamp (3) with time zone,
	"display_name" text,
	"access" text DEFAULT 'everyone' NOT NULL,
	"access_error_code" text,
	"configured_by" text NOT NULL,
	"users_consented_at" timestamp (3) with time zone,
	"users_consent_missing_at" timestamp (3) with time zone,
	"users_consent_by" text,
	"last_sign_in_at" timestamp (3) with time zone,
	"renewal_attempted_at" timestamp (3) with time zone,
	"renewal_error_code" text,
	"disconnected_at" timestamp (3) with time zone,
	"switched_off_by" text[] DEFAULT '{}' NOT NULL,
	"access_released_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "connection_access_known" CHECK ("sso_connections"."access" in ('everyone', 'assigned')),
	CONSTRAINT "users_consent_is_one" CHECK ("sso_connections"."users_consented_at" is null or "sso_connections"."users_consent_missing_at" is null),
	CONSTRAINT "users_consent_by_known" CHECK ("sso_connections"."users_consent_by" in ('grants', 'sign_ins')),
	CONSTRAINT "protocol_known" CHECK ("sso_connections"."protocol" = 'oidc'),
	CONSTRAINT "provider_known" CHECK ("sso_connections"."provider" = 'entra'),
	CONSTRAINT "status_known" CHECK ("sso_connections"."status" in ('active', 'suspended', 'disconnected')),
	CONSTRAINT "managed_by_known" CHECK ("sso_connections"."managed_by" = 'microsoft_graph'),
	CONSTRAINT "secret_is_sealed" CHECK ("sso_connections"."sealed_secret" like 'asv1.%'),
	CONSTRAINT "live_has_secret" CHECK ("sso_connections"."status" = 'disconnected' or "sso_connections"."sealed_secret" is not null)
);
--> statement-breakpoint
CREATE TABLE "connection_health" (
	"connection_id" text PRIMARY KEY NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"looked_at" timestamp (3) with time zone,
	"suspected" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"reasons" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"error_code" text
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
CREATE TABLE "signin_codes" (
	"code_hash" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"sid" text NOT NULL,
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
CREATE TABLE "daily_sign_in_failures" (
	"connection_id" text NOT NULL,
	"day" date NOT NULL,
	"code" text NOT NULL,
	"count" integer NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "daily_sign_in_failures_connection_id_day_code_pk" PRIMARY KEY("connection_id","day","code")
);
--> statement-breakpoint
CREATE TABLE "daily_sign_ins" (
	"connection_id" text NOT NULL,
	"day" date NOT NULL,
	"count" integer NOT NULL,
	"is_told" boolean DEFAULT false NOT NULL,
	CONSTRAINT "daily_sign_ins_connection_id_day_pk" PRIMARY KEY("connection_id","day")
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" bigserial NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"project_id" text NOT NULL,
	"org_id" text NOT NULL,
	"request_id" text,
	"operation_id" text,
	"connection_id" text,
	"generation" integer NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_events_id_at_pk" PRIMARY KEY("id","at"),
	CONSTRAINT "about_something" CHECK ("audit_events"."request_id" is not null or "audit_events"."connection_id" is not null or "audit_events"."org_id" = '*' or "audit_events"."detail" ->> 'setup_link' is not null)
);
--> statement-breakpoint
CREATE TABLE "events" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"audit_id" bigint NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"endpoint_id" text NOT NULL,
	"kind" text NOT NULL,
	"position" bigint,
	"lane" text NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claimed_until" timestamp (3) with time zone,
	"first_failed_at" timestamp (3) with time zone,
	"last_status" integer,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "delivery_kind_known" CHECK ("webhook_deliveries"."kind" in ('event', 'replay', 'test')),
	CONSTRAINT "delivery_status_known" CHECK ("webhook_deliveries"."status" in ('waiting', 'delivered', 'failed')),
	CONSTRAINT "delivery_has_event" CHECK (("webhook_deliveries"."kind" = 'test') = ("webhook_deliveries"."position" is null)),
	CONSTRAINT "ended_delivery_has_time" CHECK (("webhook_deliveries"."status" = 'waiting') = ("webhook_deliveries"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" text PRIMARY KEY NOT NULL,
	"sso_origin" text NOT NULL,
	"url" text NOT NULL,
	"events" text[],
	"description" text,
	"status" text DEFAULT 'on' NOT NULL,
	"off_reason" text,
	"sealed_secret" text NOT NULL,
	"sealed_previous" text,
	"previous_until" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "endpoint_status_known" CHECK ("webhook_endpoints"."status" in ('on', 'off')),
	CONSTRAINT "off_says_why" CHECK (("webhook_endpoints"."status" = 'off') = ("webhook_endpoints"."off_reason" is not null)),
	CONSTRAINT "off_reason_known" CHECK ("webhook_endpoints"."off_reason" in ('gone', 'failing')),
	CONSTRAINT "webhook_secret_is_sealed" CHECK ("webhook_endpoints"."sealed_secret" like 'asv1.%'),
	CONSTRAINT "previous_secret_is_sealed" CHECK ("webhook_endpoints"."sealed_previous" like 'asv1.%'),
	CONSTRAINT "previous_secret_ends" CHECK (("webhook_endpoints"."sealed_previous" is null) = ("webhook_endpoints"."previous_until" is null))
);
--> statement-breakpoint
CREATE TABLE "tenant_pauses" (
	"entra_tenant_id" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"first_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "provisioning_pauses" (
	"cause" text PRIMARY KEY NOT NULL,
	"by" text NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"fingerprint" text,
	"entra_tenant_id" text,
	"try_at" timestamp (3) with time zone,
	CONSTRAINT "pause_cause_known" CHECK ("provisioning_pauses"."cause" in ('operator', 'credential_refused')),
	CONSTRAINT "refused_credential_is_tried_again" CHECK (("provisioning_pauses"."cause" = 'credential_refused') = ("provisioning_pauses"."try_at" is not null and "provisioning_pauses"."fingerprint" is not null and "provisioning_pauses"."entra_tenant_id" is not null))
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_webhook_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "ms_provision_requests_state_hash" ON "ms_provision_requests" USING btree ("state_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "ms_provision_requests_operation" ON "ms_provision_requests" USING btree ("operation_id");--> statement-breakpoint
CREATE INDEX "ms_provision_requests_by_org" ON "ms_provision_requests" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "ms_provision_requests_by_age" ON "ms_provision_requests" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "ms_provision_requests_unproved" ON "ms_provision_requests" USING btree ("expires_at") WHERE "ms_provision_requests"."status" in ('issued', 'consented', 'unconfirmed');--> statement-breakpoint
CREATE INDEX "ms_provision_requests_by_link" ON "ms_provision_requests" USING btree ("setup_link_id") WHERE "ms_provision_requests"."setup_link_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "ms_provision_requests_open_by_link" ON "ms_provision_requests" USING btree ("setup_link_id") WHERE "ms_provision_requests"."status" in ('issued', 'consented', 'unconfirmed');--> statement-breakpoint
CREATE UNIQUE INDEX "setup_links_token_hash" ON "setup_links" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "setup_links_by_org" ON "setup_links" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "connection_operations_by_request" ON "connection_operations" USING btree ("request_id");--> statement-breakpoint
CREATE UNIQUE INDEX "connection_operations_one_in_hand" ON "connection_operations" USING btree ("org_id","entra_tenant_id") WHERE "connection_operations"."status" in ('waiting', 'running') and "connection_operations"."kind" <> 'disconnect';--> statement-breakpoint
CREATE UNIQUE INDEX "connection_operations_one_of_connection" ON "connection_operations" USING btree ("connection_id") WHERE "connection_operations"."status" in ('waiting', 'running');--> statement-breakpoint
CREATE INDEX "connection_operations_by_connection" ON "connection_operations" USING btree ("connection_id","created_at");--> statement-breakpoint
CREATE INDEX "connection_operations_by_org" ON "connection_operations" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "connection_operations_unfinished" ON "connection_operations" USING btree ("entra_tenant_id","status","created_at") WHERE "connection_operations"."status" in ('waiting', 'running') or "connection_operations"."cleanup" = 'pending';--> statement-breakpoint
CREATE INDEX "connection_operations_settle_due" ON "connection_operations" USING btree ("settle_due_at") WHERE "connection_operations"."settle_due_at" is not null;--> statement-breakpoint
CREATE INDEX "connection_operations_by_end" ON "connection_operations" USING btree ("completed_at");--> statement-breakpoint
CREATE INDEX "connection_operations_needs_operator" ON "connection_operations" USING btree ("completed_at") WHERE "connection_operations"."cleanup" = 'needs_operator';--> statement-breakpoint
CREATE UNIQUE INDEX "sso_connections_one_live" ON "sso_connections" USING btree ("org_id","entra_tenant_id") WHERE "sso_connections"."status" in ('active', 'suspended');--> statement-breakpoint
CREATE INDEX "sso_connections_by_org" ON "sso_connections" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "sso_connections_by_application" ON "sso_connections" USING btree ("app_object_id");--> statement-breakpoint
CREATE INDEX "sso_connections_by_tenant" ON "sso_connections" USING btree ("entra_tenant_id");--> statement-breakpoint
CREATE INDEX "sso_connections_by_domain" ON "sso_connections" USING btree ("entra_domain") WHERE "sso_connections"."entra_domain" is not null;--> statement-breakpoint
CREATE INDEX "sso_connections_by_end" ON "sso_connections" USING btree ("secret_expires_at") WHERE "sso_connections"."status" in ('active', 'suspended');--> statement-breakpoint
CREATE INDEX "connection_health_due" ON "connection_health" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "code_redemptions_by_expiry" ON "code_redemptions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "signin_codes_by_end" ON "signin_codes" USING btree ("forget_at");--> statement-breakpoint
CREATE INDEX "signin_tokens_by_code" ON "signin_tokens" USING btree ("code_hash");--> statement-breakpoint
CREATE INDEX "signin_tokens_by_sid" ON "signin_tokens" USING btree ("sid");--> statement-breakpoint
CREATE INDEX "signin_tokens_by_end" ON "signin_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "signing_keys_one_active" ON "signing_keys" USING btree ("algorithm") WHERE "signing_keys"."state" = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "signing_keys_one_next" ON "signing_keys" USING btree ("algorithm") WHERE "signing_keys"."state" = 'next';--> statement-breakpoint
CREATE INDEX "daily_sign_in_failures_by_day" ON "daily_sign_in_failures" USING btree ("day");--> statement-breakpoint
CREATE INDEX "daily_sign_ins_untold" ON "daily_sign_ins" USING btree ("day") WHERE not "daily_sign_ins"."is_told";--> statement-breakpoint
CREATE INDEX "audit_events_by_request" ON "audit_events" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "audit_events_by_org" ON "audit_events" USING btree ("org_id","id");--> statement-breakpoint
CREATE INDEX "audit_events_by_connection" ON "audit_events" USING btree ("connection_id","action");--> statement-breakpoint
CREATE INDEX "audit_events_by_time" ON "audit_events" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "events_once" ON "events" USING btree ("audit_id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("endpoint_id","position") WHERE "webhook_deliveries"."kind" = 'event';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_waiting" ON "webhook_deliveries" USING btree ("endpoint_id","lane","id") WHERE "webhook_deliveries"."status" = 'waiting';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_by_end" ON "webhook_deliveries" USING btree ("ended_at");