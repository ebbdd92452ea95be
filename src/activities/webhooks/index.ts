import { Context } from "@temporalio/activity";
import { listDue } from "../../db/webhooks/attempts.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { type WebhookActivities, webhookWorkflowIdOf } from "../../domain/webhooks.ts";
import { codeOf, type Patience, toApplicationFailure } from "../failures.ts";
import { requireWorkflow } from "../fence.ts";
import { observed } from "../observed.ts";
import { attemptDelivery } from "./attempt-delivery.ts";
import type { WebhookDeps } from "./deps.ts";

const heartbeatEveryMs = 500;
/** What is to be delivered waits for us, however long it takes. */
const withoutEnd: Patience = {
  database_unavailable: Infinity,
  database_refused: Infinity,
  sealing_key_unavailable: Infinity,
};
const firstAttempt = { sameCauseMs: 0, elapsedMs: 0 };

export function createWebhookActivities(deps: WebhookDeps): WebhookActivities {
  return {
    listDueDeliveries: ofEndpoint(deps, ({ endpointId }) =>
      listDue(deps.database, { ssoOrigin: deps.ssoOrigin, endpointId }),
    ),
    attemptDelivery: ofEndpoint(deps, attemptDelivery(deps)),
  };
}

/** Believes no input: an endpoint's steps run in its own workflow. Failures leave with a code and nothing else. */
function ofEndpoint<I extends { readonly endpointId: string }, O>(
  deps: WebhookDeps,
  activity: (input: I) => Promise<O>,
): (input: I) => Promise<O> {
  return observed(deps.telemetry, async (input) => {
    const context = Context.current();
    const heart = setInterval(() => context.heartbeat(), heartbeatEveryMs);
    try {
      if (requireWorkflow() !== webhookWorkflowIdOf(input.endpointId))
        throw new CodedError("run_not_current");
      return await activity(input);
    } catch (error) {
      if (codeOf(error) === "internal")
        context.log.error(`webhooks of ${input.endpointId} wait for a repair: see its workflow in Temporal`);
      throw toApplicationFailure(error, firstAttempt, withoutEnd);
    } finally {
      clearInterval(heart);
    }
  });
}
