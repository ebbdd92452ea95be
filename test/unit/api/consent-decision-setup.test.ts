import { describe, expect, it } from "vitest";
import { decide } from "../../../src/api/browser/consent-decision.ts";
import type { ProvisionRequest } from "../../../src/domain/provision-request.ts";
import type { ConsentAnswer } from "../../../src/entra/consent-answer.ts";
import {
  approved,
  code,
  consented,
  declined,
  later,
  now,
  over,
  row,
  starter,
  stranger,
  tenant,
} from "../../support/callback-rows.ts";

const binding = "setup_link";

describe("a callback of a click through a setup link", () => {
  it.each<[string, ConsentAnswer, ProvisionRequest]>([
    ["once proved", approved, row({ status: "unconfirmed", binding, tenantHint: tenant })],
    ["approved by its administrator", code, row({ status: "unconfirmed", binding, approvedAt: now })],
    ["when the time is up", approved, row({ ...over, binding })],
    ["after the owner confirmed: the work is not begun from here", code, row({ status: "proved", binding })],
    ["under way", approved, row({ status: "provisioning", binding })],
    ["that has ended", declined, row({ status: "denied", binding })],
  ])("leads to the administrator's page: %s", (_name, answer, request) => {
    expect(decide(answer, request, starter, now)).toEqual({ kind: "setup_link", request });
  });

  it.each<[string, ConsentAnswer, ProvisionRequest]>([
    ["the consent", approved, row({ binding })],
    ["a decline", declined, row({ binding })],
    ["the proof", code, consented({ binding })],
    ["a repeat once proved", approved, row({ status: "unconfirmed", binding })],
  ])("burns in another browser: %s", (_name, answer, request) => {
    expect(decide(answer, request, stranger, now)).toEqual({ kind: "wrong_browser", request });
  });

  it("goes on as others do until the proof", () => {
    const fresh = row({ binding, expiresAt: later });
    expect(decide(approved, fresh, starter, now)).toMatchObject({ kind: "record_consent" });
    expect(decide(code, consented({ binding }), starter, now)).toMatchObject({ kind: "redeem" });
  });
});
