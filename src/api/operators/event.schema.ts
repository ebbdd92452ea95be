import { z } from "zod";
import { attentionCodes } from "../../domain/attention.ts";
import { eventNames } from "../../domain/events.ts";
import { operationKinds } from "../../domain/operation-kinds.ts";
import { timestamp } from "../contract/fields.ts";

export const eventIdShape = /^evt_([1-9]\d{0,15})$/;
const id = z.string();

/** Which of them an event has is its own: docs/events.md says so by name. */
const eventMetadataSchema = z
  .object({
    code: z.string().exactOptional().meta({ description: "Why it failed; a code of the errors' table." }),
    kind: z.enum(operationKinds).exactOptional().meta({ description: "What was done to the connection." }),
    created: z.boolean().exactOptional().meta({ description: "Whether the connection is a new one." }),
    access: z
      .enum(["everyone", "assigned"])
      .exactOptional()
      .meta({ description: "Whom the connection admits." }),
    reasons: z
      .array(z.enum(attentionCodes))
      .exactOptional()
      .meta({ description: "All that needs attention now; none: nothing any more." }),
    days: z.number().exactOptional().meta({ description: "Left until the secret ends, at most." }),
    day: z.string().exactOptional().meta({ format: "date", description: "The day of UTC that was counted." }),
    sign_ins: z.number().exactOptional(),
    provision_id: z.string().exactOptional(),
    reason: z.string().exactOptional().meta({ description: "Why a session was revoked." }),
    connection_id: z.string().nullable().exactOptional().meta({ description: "Of a revoked session." }),
  })
  .meta({ id: "EventMetadata" });

export const eventSchema = z
  .object({
    id: id.meta({ pattern: eventIdShape.source }),
    event: z.enum(eventNames),
    created_at: timestamp,
    data: z.object({
      project_id: id,
      organization_id: id,
      user_id: id.nullable(),
      actor_type: z.enum(["user", "api_key", "system"]),
      actor_id: id.nullable(),
      target_type: z.enum(["ms_provision", "sso_connection", "session"]),
      target_id: id.nullable(),
      metadata: eventMetadataSchema,
    }),
  })
  .meta({ id: "Event" });
