import { z } from "zod";
import { entraTenantIdSchema } from "../domain/ids.schema.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import { type Judgement, judgeRedirect } from "./judge-answer.ts";
import { stateOfAnswer } from "./oauth-error.ts";
import { type HopValues, hopStateShape, type ProofHop, readHop } from "./proof-hop.ts";

/** A code for one hop, with all that its exchange needs. */
export interface HopCode {
  readonly hop: ProofHop;
  readonly values: HopValues;
  readonly code: string;
  /** The whole query, its state as it was sent. */
  readonly query: string;
}

/** What a callback says. But for the hop's state nothing in it is signed; `tenant` is a hint only. */
export type ConsentAnswer =
  | { readonly kind: "malformed" }
  /** Of a hop's shape, and nobody's here. */
  | { readonly kind: "forged" }
  | { readonly kind: "consented"; readonly state: string; readonly tenantHint: EntraTenantId }
  | { readonly kind: "consent_refused"; readonly state: string; readonly refusal: Judgement }
  | { readonly kind: "code"; readonly brought: HopCode }
  | { readonly kind: "proof_refused"; readonly hop: ProofHop; readonly refusal: Judgement };

const known = ["state", "tenant", "admin_consent", "error", "error_description", "code", "iss"];
const personalAccountsTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
const stateShape = /^[\w-]{43}$/;

/**
 * Reads the query of either leg. Repeated parameters, a personal-account tenant or anything but a GUID is malformed.
 * Codes and texts are as long as Microsoft likes; the server's limit on a request line is the only one.
 */
export function readConsentAnswer(url: URL, keys: PurposeKeys): ConsentAnswer {
  const query = new URLSearchParams(url.search);
  if (known.some((name) => query.getAll(name).length > 1)) return { kind: "malformed" };
  const state = stateOfAnswer(query);
  if (hopStateShape.test(state)) return readHopAnswer(query, state, keys);
  if (!stateShape.test(state)) return { kind: "malformed" };
  const refusal = judgeRedirect(query, "consent");
  if (refusal) return { kind: "consent_refused", state, refusal };
  const tenant = z.safeParse(entraTenantIdSchema, query.get("tenant"));
  if (query.get("admin_consent") !== "True" || !tenant.success || tenant.data === personalAccountsTenant)
    return { kind: "malformed" };
  return { kind: "consented", state, tenantHint: tenant.data };
}

function readHopAnswer(query: URLSearchParams, state: string, keys: PurposeKeys): ConsentAnswer {
  const refusal = judgeRedirect(query, "hop");
  const code = query.get("code");
  if (!refusal && !code) return { kind: "malformed" };
  const made = readHop(keys, state);
  if (!made) return { kind: "forged" };
  if (refusal) return { kind: "proof_refused", hop: made.hop, refusal };
  query.set("state", state);
  return { kind: "code", brought: { ...made, code: code ?? "", query: query.toString() } };
}
