import type { Fault, FaultKind, SimulatedCall } from "../../../src/simulator/options.ts";

/** A call of the flow that a fault can be aimed at. */
export interface Target {
  readonly name: string;
  readonly call: SimulatedCall;
  readonly of?: "provisioning" | "connection";
  readonly writes?: true;
  /** Meets the call only while a failed attempt is undone. */
  readonly undo?: true;
}

export const targets: readonly Target[] = [
  { name: "discovery", call: "discovery" },
  { name: "app token", call: "token", of: "provisioning" },
  { name: "instantiate", call: "instantiate", writes: true },
  { name: "configure application", call: "patchApplication", writes: true },
  { name: "configure service principal", call: "patchServicePrincipal", writes: true },
  { name: "add password", call: "addPassword", writes: true },
  { name: "prove secret", call: "token", of: "connection" },
  { name: "list for strays", call: "getApplication" },
  { name: "delete in the undo", call: "deleteApplication", writes: true, undo: true },
  { name: "find by mark in the undo", call: "listApplications", undo: true },
];

/** A policy against secrets: final at once, so that there is something to undo. */
export const refuseSecrets: Fault = {
  call: "addPassword",
  kind: "answer",
  status: 400,
  code: "CredentialTypeNotAllowedAsPerAppPolicy",
  times: 1_000_000,
};

const answer = (status: number, more: Partial<Extract<FaultKind, { kind: "answer" }>> = {}): FaultKind => ({
  kind: "answer",
  status,
  ...more,
});

/** The way, and whether it passes: then a few of them must not cost the connection. */
export const ways: readonly (readonly [string, FaultKind, "passes" | "may end it"])[] = [
  ["400", answer(400, { code: "Request_BadRequest" }), "may end it"],
  ["401", answer(401, { code: "InvalidAuthenticationToken" }), "passes"],
  ["403", answer(403, { code: "Authorization_RequestDenied" }), "passes"],
  ["404", answer(404, { code: "Request_ResourceNotFound" }), "passes"],
  ["409", answer(409, { code: "Directory_ConcurrencyViolation" }), "passes"],
  ["423", answer(423), "passes"],
  ["429 with seconds", answer(429, { code: "TooManyRequests", retryAfter: "1" }), "passes"],
  [
    "429 with a date",
    answer(429, { code: "TooManyRequests", retryAfter: new Date(Date.now() + 500).toUTCString() }),
    "passes",
  ],
  ["429 without header", answer(429, { code: "TooManyRequests" }), "passes"],
  ["500", answer(500, { code: "UnknownError" }), "passes"],
  ["502 HTML", { kind: "html", status: 502 }, "passes"],
  ["503", answer(503, { code: "serviceNotAvailable" }), "passes"],
  ["504", answer(504), "passes"],
  ["reset before headers", { kind: "drop" }, "passes"],
  ["reset in the body", { kind: "cut" }, "passes"],
  ["slow drip", { kind: "drip" }, "passes"],
  ["no answer", { kind: "hang" }, "passes"],
  ["truncated JSON", { kind: "truncate" }, "passes"],
  ["wrong shape", { kind: "shape" }, "passes"],
  ["64 MB in 65 KB", { kind: "long", status: 200 }, "passes"],
  ["503 of 64 MB in 65 KB", { kind: "long", status: 503 }, "passes"],
  ["empty body", { kind: "empty", status: 200 }, "passes"],
  ["redirect elsewhere", { kind: "redirect" }, "passes"],
];
export const writingWays: typeof ways = [
  ["applied, answer lost", { kind: "drop", after: true }, "passes"],
  ["applied, answered 404", answer(404, { code: "Request_ResourceNotFound", after: true }), "passes"],
  ["applied, answered 504", answer(504, { after: true }), "passes"],
  ["applied, answered 400", answer(400, { code: "Request_BadRequest", after: true }), "may end it"],
  ["applied, answered 403", answer(403, { code: "Authorization_RequestDenied", after: true }), "passes"],
];
