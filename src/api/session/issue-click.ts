import type { Context } from "hono";
import { z } from "zod";
import { hashOf } from "../../db/hash-of.ts";
import {
  type IssuedRequest,
  issueRequest,
  type NewRequest,
} from "../../db/provision-requests/issue-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { StarterBinding } from "../../domain/provision-request.ts";
import type { AppEnv } from "../app-env.ts";
import { bindPerson, newToken } from "../browser/browser-binding.ts";
import type { ApiDeps } from "../deps.ts";
import { isAllowedReturnUrl } from "../return-url.ts";
import { chooseBinding } from "./binding-mode.ts";
import type { OrgSession } from "./session.ts";

/** What every start says about the way back. */
export const wayBackFields = {
  return_to: z.string().optional().meta({
    description: "https on a host of AUTHIO_MS_CONSENT_RETURN_HOSTS; the dashboard where left out.",
  }),
  binding: z.enum(["cookie", "confirm"]).optional(),
};

/** What a start can be refused with, whatever it is for. */
export const issueRefusals = [
  "return_to_not_allowed",
  "binding_unavailable",
  "too_many_open_requests",
  "daily_limit_reached",
  "ms_provision_not_configured",
  "provisioning_credential_refused",
] as const;

type Wanted = Pick<NewRequest, "orgName" | "access" | "wantedConnectionId" | "additional" | "intent">;

interface IssuedClick {
  readonly request: IssuedRequest;
  readonly binding: StarterBinding;
  /** What the answer of Microsoft must bring. */
  readonly state: string;
  readonly clientId: string;
}

/**
 * Writes a click of this person and ties it to their browser: with cookie binding the answer plants the cookie.
 * @param judge looks at what the click is about, once the way back is known to be good
 * @throws {CodedError} those of `issueRefusals`, and what `judge` throws
 */
export async function issueClick(
  c: Context<AppEnv>,
  deps: ApiDeps,
  session: OrgSession,
  wayBack: { readonly return_to?: string | undefined; readonly binding?: StarterBinding | undefined },
  judge: () => Promise<Wanted>,
): Promise<IssuedClick> {
  const { config, database } = deps;
  const { provisioning } = config;
  const { return_to: returnTo } = wayBack;
  if (provisioning.kind === "not_configured") throw new CodedError("ms_provision_not_configured");
  if (returnTo !== undefined && !isAllowedReturnUrl(returnTo, config.returnHosts))
    throw new CodedError("return_to_not_allowed");
  const binding = chooseBinding(c, config, { binding: wayBack.binding, returnTo });
  const wanted = await judge();
  const state = newToken();
  const click = {
    ...wanted,
    ssoOrigin: config.ssoOrigin,
    projectId: session.projectId,
    orgId: session.orgId,
    startedBy: session.userId,
    returnTo: returnTo ?? null,
    binding,
    stateHash: hashOf(state),
    traceParent: deps.tracing.current() ?? null,
    browserHash:
      binding === "cookie" && deps.keyed ? bindPerson(c, deps.keyed.browserKeys, session.userId) : null,
  };
  const request = await deps.admission.enter(session.orgId, () => issueRequest(database, click));
  return { request, binding, state, clientId: provisioning.clientId };
}
