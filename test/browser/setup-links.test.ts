import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accept, inspect, openDashboard, type Setup, startSetup, tabTo } from "./support.ts";

// The hand-over with two profiles: an owner at the dashboard, and an administrator without any session.

let setup: Setup;
beforeAll(async () => {
  setup = await startSetup({ AUTHIO_MS_SETUP_LINKS: "1" });
});
afterAll(() => setup.stop());

async function makeLink(owner: Page, domain = ""): Promise<string> {
  await owner.getByText("I am not that administrator").click();
  await owner.getByLabel(/^Domain of the directory/).fill(domain);
  await owner.getByLabel(/^Their e-mail address/).fill("it@contoso.example");
  await owner.getByRole("button", { name: "Make a link" }).click();
  await owner.getByRole("heading", { name: "Send this link to the administrator" }).waitFor();
  return owner.getByLabel("Link", { exact: true }).inputValue();
}
const newProfile = async (): Promise<Page> => (await setup.browser.newContext()).newPage();

it("a proof that the owner does not know is refused by the administrator, who then is asked anew", async () => {
  const owner = await openDashboard(setup);
  const link = await makeLink(owner);
  const administrator = await newProfile();
  await administrator.goto(link);
  await administrator.getByRole("button", { name: "Continue to Microsoft" }).click();
  await accept(administrator);
  await administrator.getByRole("heading", { name: "Is this yours to approve?" }).waitFor();
  await administrator.getByRole("button", { name: "Approve" }).click();
  await administrator.getByRole("heading", { name: "Thank you. You approved" }).waitFor();
  await owner.goto(setup.stack.appOrigin);
  await owner.getByRole("heading", { name: "Confirm the directory" }).waitFor();
  await administrator.getByRole("button", { name: "This is not mine" }).click();
  await administrator.getByRole("heading", { name: "Nothing was set up" }).waitFor();
  await inspect(administrator, "setup-link-refused");
  // What the owner's page still shows is not taken any more.
  await owner.getByRole("button", { name: "Confirm and connect" }).click();
  await owner.getByText("The directory is not the one that you were shown").first().waitFor();
  await owner.getByRole("button", { name: "Revoke this link" }).click();
  await owner.getByText("revoked", { exact: true }).waitFor();
  await administrator.goto(link);
  await administrator.getByRole("heading", { name: "This link was withdrawn" }).waitFor();
  await inspect(administrator, "setup-link-revoked");
});

it("neither the consent's address nor the proof's works in another profile", async () => {
  const link = await makeLink(await openDashboard(setup));
  const [administrator, thief] = [await newProfile(), await newProfile()];
  await administrator.goto(link);
  await administrator.getByRole("button", { name: "Continue to Microsoft" }).click();
  await administrator.waitForURL(/adminconsent/);
  await thief.goto(administrator.url());
  await accept(thief);
  await thief.getByRole("heading", { name: "This was started in another browser" }).waitFor();
  // Burned for both; the link is free.
  await accept(administrator);
  await administrator.getByRole("heading", { name: "This was started in another browser" }).waitFor();
  const proofs: string[] = [];
  administrator.on("request", (request) => {
    if (request.url().includes("/oauth2/v2.0/authorize")) proofs.push(request.url());
  });
  await administrator.goto(link);
  await administrator.getByRole("button", { name: "Continue to Microsoft" }).click();
  await accept(administrator);
  await administrator.getByRole("heading", { name: "Is this yours to approve?" }).waitFor();
  const page = administrator.url();
  // Signed in at Microsoft as the same administrator, the thief's own answer to that hop is refused.
  await thief.goto(proofs[0] ?? "");
  await thief.getByRole("heading", { name: "This was started in another browser" }).waitFor();
  await thief.goto(page);
  await thief.getByRole("heading", { name: "Not found" }).waitFor();
});

it("an administrator approves without an account, the owner confirms, and it is live", async () => {
  const owner = await openDashboard(setup);
  const link = await makeLink(owner, "fabrikam.example");
  await inspect(owner, "setup-link-made");
  await owner.getByRole("button", { name: "Copy the link" }).click();
  await owner.getByText("Copied", { exact: true }).waitFor();
  const administrator = await newProfile();
  // As often as scanners and previews like.
  for (let times = 0; times < 3; times += 1) await administrator.goto(link);
  await administrator.request.head(link);
  expect(await administrator.context().cookies()).toEqual([]);
  await administrator.getByText("Olivia Owner").waitFor();
  await inspect(administrator, "setup-link");
  await tabTo(administrator, /^Continue to Microsoft$/);
  await administrator.keyboard.press("Enter");
  await administrator.waitForURL(/adminconsent/);
  const other = await newProfile();
  await other.goto(link);
  await other.getByRole("heading", { name: "Somebody is using this link" }).waitFor();
  await accept(administrator);
  await administrator.getByRole("heading", { name: "Is this yours to approve?" }).waitFor();
  await inspect(administrator, "setup-link-asked");
  await tabTo(administrator, /^Approve$/);
  await administrator.keyboard.press("Enter");
  await administrator.getByRole("heading", { name: "Thank you. You approved" }).waitFor();
  await inspect(administrator, "setup-link-approved");
  await owner.goto(setup.stack.appOrigin);
  await owner.getByText("Whoever runs this directory can sign in as anyone of your organization.").waitFor();
  await inspect(owner, "setup-link-confirm");
  // The link was made for another domain: the owner types the proved one.
  const typed = owner.getByLabel(/fabrikam\.example, which does not lead to this directory/);
  await typed.fill("fabrikam.example");
  await owner.getByRole("button", { name: "Confirm and connect" }).click();
  await owner.getByText("Type the domain of the proved directory").first().waitFor();
  const asked = (await owner.locator("label[for^='type-']").textContent()) ?? "";
  await typed.fill(/“(.+)”/.exec(asked)?.[1] ?? "");
  await owner.getByRole("button", { name: "Confirm and connect" }).click();
  await owner.getByText("Active: people can sign in").waitFor({ timeout: 120_000 });
  await administrator.getByRole("link", { name: "Look again" }).click();
  await administrator.getByRole("heading", { name: "The organization confirmed" }).waitFor();
});
