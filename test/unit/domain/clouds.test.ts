import { expect, it } from "vitest";
import { assignmentPageOf, type CloudName, clouds } from "../../../src/domain/clouds.ts";

it.each([
  ["global", "https://entra.microsoft.com"],
  ["usgov", "https://entra.microsoft.us"],
  ["usgov-dod", "https://entra.microsoft.us"],
  ["china", "https://entra.microsoftonline.cn"],
] as const)(
  "%s: who is assigned stands in its own admin center, of the directory",
  (name: CloudName, origin) => {
    const one = { entraTenantId: "t-1", servicePrincipalId: "sp-1", appId: "app-1" };
    expect(assignmentPageOf(clouds[name], one)).toBe(
      `${origin}/t-1/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Users/objectId/sp-1/appId/app-1`,
    );
  },
);
