import { expect, it } from "vitest";
import { errorPage } from "../../../src/dashboard/error-page.ts";

const view = {
  code: "signin_not_assigned",
  reference: "req_1",
  at: new Date(0),
  dashboardUrl: "https://app.example.com/sso",
} as const;

it("an administrator's page is linked where one is known, and only then", async () => {
  const administratorUrl = "https://entra.microsoft.com/t/#view/a?b=1&c=2";
  const page = String(await errorPage({ ...view, administratorUrl }));
  expect(page).toContain("Only people who are assigned to the application may sign in");
  expect(page).toContain('href="https://entra.microsoft.com/t/#view/a?b=1&amp;c=2"');
  expect(String(await errorPage(view))).not.toContain("For an administrator of the directory");
});
