import type { Fault, FaultKind } from "../../../src/simulator/options.ts";
import type { Target } from "./traffic.ts";

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

interface Case {
  readonly name: string;
  readonly fault: Fault;
  readonly passes: boolean;
}

/** Each call in every way, once. */
export const waysOf = (calls: readonly Target[]): Case[] =>
  calls.flatMap(({ name, call, nth = 1, writes }) =>
    [...ways, ...(writes ? writingWays : [])].map(([way, kind, severity]) => ({
      name: `${name} × ${way}`,
      fault: { ...kind, call, from: nth, times: 1 },
      passes: severity === "passes",
    })),
  );
