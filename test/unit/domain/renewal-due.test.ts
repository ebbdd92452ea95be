import { expect, it } from "vitest";
import { renewalDueAt } from "../../../src/domain/sso-connection.ts";

const day = 24 * 60 * 60_000;
const sealedAt = new Date("2026-11-25T12:00:00Z");

it.each([
  ["two years", 730, 670],
  ["just over what makes 60 days the half", 121, 61],
  ["exactly that", 120, 60],
  ["just under it", 119, 59.5],
  ["capped by a policy", 30, 15],
  ["a day", 1, 0.5],
  ["over before it began", 0.1, 0.05],
])("a secret that lives %s (%d days) is renewed after %d", (_, lifeDays, afterDays) => {
  const secretExpiresAt = new Date(sealedAt.getTime() + lifeDays * day);
  // A name or a suspension of later moves nothing.
  for (const updatedAt of [sealedAt, new Date(sealedAt.getTime() + (lifeDays - 0.1) * day)])
    expect(renewalDueAt({ secretExpiresAt, secretSetAt: sealedAt, updatedAt })).toEqual(
      new Date(sealedAt.getTime() + afterDays * day),
    );
});
