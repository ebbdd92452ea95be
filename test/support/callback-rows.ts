import type { CallbackBrowser, Decision } from "../../src/api/browser/consent-decision.ts";
import type { ConsentedRequest } from "../../src/domain/consented-request.ts";
import type { EntraTenantId, OrgId, ProjectId, ProvisionRequestId } from "../../src/domain/ids.ts";
import type { ProvisionRequest } from "../../src/domain/provision-request.ts";
import type { ConsentAnswer } from "../../src/entra/consent-answer.ts";
import type { Judgement } from "../../src/entra/judge-answer.ts";
import type { ProofHop } from "../../src/entra/proof-hop.ts";

// Requests, browsers and answers for the tests of the callback's decisions.

export const id = `mspr_${"0".repeat(32)}` as ProvisionRequestId;
export const tenant = "11111111-2222-3333-4444-555555555555" as EntraTenantId;
export const otherTenant = "99999999-2222-3333-4444-555555555555" as EntraTenantId;
export const now = new Date("2026-11-28T12:00:00Z");
export const later = new Date(now.getTime() + 60_000);
export const starter: CallbackBrowser = { isStarter: true, wasTold: false };
export const told: CallbackBrowser = { isStarter: true, wasTold: true };
export const stranger: CallbackBrowser = { isStarter: false, wasTold: false };

/** Any value of each field, also together as no database would hold them. */
export type RowChange = { [K in keyof ProvisionRequest]?: ProvisionRequest[K] };

export function row(change: RowChange = {}): ProvisionRequest {
  return {
    id,
    ssoOrigin: "https://sso.example",
    projectId: "proj_1" as ProjectId,
    orgId: "org_1" as OrgId,
    orgName: null,
    startedBy: "user_1",
    returnTo: null,
    access: null,
    wantedConnectionId: null,
    additional: false,
    binding: "cookie",
    browserHash: "browser",
    confirmHash: null,
    status: "issued",
    tenantHint: null,
    entraTenantId: null,
    provedDomain: null,
    connectionId: null,
    operationId: null,
    cleanup: "none",
    joinedRequestId: null,
    errorCode: null,
    errorMicrosoft: null,
    createdAt: now,
    expiresAt: later,
    provedAt: null,
    completedAt: null,
    ...change,
  } as ProvisionRequest;
}

export const consented = (change: RowChange = {}): ConsentedRequest =>
  row({ status: "consented", tenantHint: tenant, ...change }) as ConsentedRequest;
export const fresh = row({ binding: "confirm", browserHash: null });
export const over = { expiresAt: now };

export const hop: ProofHop = { requestId: id, number: 0, prompt: "silent" };
export const at = (number: number, prompt: ProofHop["prompt"] = "silent"): ProofHop => ({
  ...hop,
  number,
  prompt,
});
export const refusal = (kind: Judgement["kind"], code: Judgement["code"]): Judgement => ({ kind, code });
export const approved: ConsentAnswer = { kind: "consented", state: "s", tenantHint: tenant };
export const approvedElsewhere: ConsentAnswer = { ...approved, tenantHint: otherTenant };
export const declined: ConsentAnswer = {
  kind: "consent_refused",
  state: "s",
  refusal: refusal("final", "consent_declined"),
};
export const busy: ConsentAnswer = {
  kind: "consent_refused",
  state: "s",
  refusal: refusal("passes", "service_unavailable"),
};
export const brought = {
  hop,
  values: { state: "0s", nonce: "n", verifier: "v" },
  code: "c",
  query: "code=c",
};
export const code: ConsentAnswer = { kind: "code", brought };
export const noProof = (
  kind: Judgement["kind"],
  code: Judgement["code"] = "service_unavailable",
  from: ProofHop = hop,
): ConsentAnswer => ({ kind: "proof_refused", hop: from, refusal: refusal(kind, code) });
export const ends = (status: "denied" | "refused", code: Judgement["code"]): Partial<Decision> => ({
  kind: "end",
  end: { status, code, microsoft: undefined },
});
