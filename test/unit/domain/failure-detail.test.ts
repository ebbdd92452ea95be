import { describe, expect, it } from "vitest";
import { errorCodes, factsOf } from "../../../src/domain/error-codes.ts";
import { failureDetail } from "../../../src/domain/failure-detail.ts";

const [first, second] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const kept = "Your existing connection was kept and works as before.";

describe("what a failure says", () => {
  it("is the code's own sentence where nothing is connected", () => {
    expect(failureDetail("consent_declined", { connectedTenants: [] })).toBe(
      factsOf("consent_declined").detail,
    );
  });

  it("adds that what is there was kept", () => {
    expect(failureDetail("consent_declined", { connectedTenants: [first] })).toContain(kept);
    expect(failureDetail("quota_exceeded", { connectedTenants: [first, second] })).toContain(
      "Your existing connections were kept and work as before.",
    );
  });

  it.each(["application_missing", "application_disabled", "tenant_not_found", "directory_blocked"] as const)(
    "promises nothing when the connection's own application or directory is what failed: %s",
    (code) => {
      expect(failureDetail(code, { connectedTenants: [first] })).toBe(factsOf(code).detail);
    },
  );

  it("names both directories, where the reader may know them", () => {
    const around = { connectedTenants: [first], wantedTenant: first };
    for (const code of ["directory_differs", "another_directory"] as const) {
      const told = failureDetail(code, { ...around, provedTenant: second });
      expect(told).toContain(first);
      expect(told).toContain(second);
      expect(failureDetail(code, around)).not.toContain(second);
    }
    expect(failureDetail("consent_declined", { ...around, provedTenant: second })).not.toContain(second);
  });

  it("never says beside a connection that nothing was created or connected", () => {
    const beforeProof = Object.values(errorCodes).filter(({ detail }) => /nothing was/i.test(detail));
    expect(beforeProof.length).toBeGreaterThan(5);
    for (const { detail } of beforeProof) expect(detail).toMatch(/nothing was (changed|lost)/i);
  });
});
