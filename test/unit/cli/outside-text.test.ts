import fc from "fast-check";
import { expect, it } from "vitest";
import { logLine } from "../../../src/processes/log.ts";
import { summaryOf } from "../../../src/temporal/operation-runs.ts";
import type { OrgId } from "../../../src/domain/ids.ts";

it("a log line is one line of JSON without anything a terminal obeys, whatever it holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const line = logLine({ path: text });
      expect(line).toMatch(/^[^\p{Cc}\u2028\u2029\u202e]+\n$/u);
      expect(JSON.parse(line)).toEqual({ path: text });
    }),
  );
});

it("the summary of a run stays within Temporal's 400 bytes and holds no markup, whatever the id", () => {
  for (const id of ["組".repeat(255), "𝔘".repeat(255), "[x](http://evil.example)<img>`*", "auth0|org_12"]) {
    const summary = summaryOf({ kind: "renew", orgId: id as OrgId, generation: 12 });
    expect(Buffer.byteLength(summary)).toBeLessThan(320);
    expect(summary).toMatch(/^Renew the secret for [^[\]<>`*]+ \(retry 11\)$/);
  }
});
