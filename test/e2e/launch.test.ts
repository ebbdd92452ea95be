import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { applicationsFile, nextOf } from "../support/applications.ts";
import { createHandOffDriver, type HandOffDriver } from "../support/hand-off.ts";
import { type Product, startProduct } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// The way on for whoever nobody sent: from the tile in My Apps, and from a sign-in that is dead.

const files = {
  none: applicationsFile(),
  one: applicationsFile(["notes", "foreign"]),
  two: applicationsFile(["notes", "hosting"]),
};
let product: Product;
let contoso: HandOffDriver["contoso"];
let initiateUrl: HandOffDriver["initiateUrl"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: files.none.file });
  await product.startWorker();
  ({ contoso, initiateUrl } = await createHandOffDriver(product));
});
afterAll(async () => {
  await product.stop();
  for (const file of Object.values(files)) file.remove();
});

const answerWith = (which: keyof typeof files) =>
  product.addReplica({ AUTHIO_APPLICATIONS_FILE: files[which].file });
const suspend = (status: string) =>
  product.sql`update sso_connections set status = ${status}, epoch = epoch + 1 where id = ${contoso.connection}`;

it("the tile leads to the application of the project, which learns whose people they are", async () => {
  answerWith("one");
  const tile = contoso.tenant.applications[0]?.properties["web"] as { homePageUrl: string };
  expect(tile.homePageUrl).toBe(`${contoso.base}/launch`);
  const to = new URL(await nextOf(new Browser(), tile.homePageUrl));
  expect(to.href.startsWith("http://localhost:9/notes/begin?from=%41&iss=")).toBe(true);
  expect(Object.fromEntries(to.searchParams)).toEqual({
    from: "A",
    iss: product.origin,
    organization_id: contoso.org,
    connection: contoso.connection,
  });
});

it("the tile asks where several begin a sign-in, and is the test sign-in where none does", async () => {
  answerWith("two");
  const page = await (await new Browser().request(`${contoso.base}/launch`)).text();
  for (const name of ["notes", "hosting"]) expect(page).toContain(`href="http://localhost:9/${name}/begin?`);
  answerWith("none");
  expect(await nextOf(new Browser(), `${contoso.base}/launch`)).toBe(`${contoso.base}/initiate`);
});

it("a flow that is over, foreign or lost ends on a page that leads on to the application", async () => {
  answerWith("one");
  for (const dead of [`${contoso.base}/callback?code=x&state=stale`, `${contoso.base}/callback?state=`]) {
    const answer = await new Browser().request(dead);
    const page = await new Browser().request(answer.headers.get("location") ?? "");
    expect(page.status).toBe(400);
    expect(await page.text()).toContain(`href="${new URL(contoso.base).pathname}/launch"`);
  }
  const [began, other] = [new Browser(), new Browser()];
  const callback = await chooseUser(began, contoso.tenant, await nextOf(began, initiateUrl()));
  const refused = await other.request(await nextOf(other, callback));
  expect(await refused.text()).toContain("/launch");
});

it("a suspended connection still leads to the application, and to nobody where there is none", async () => {
  await suspend("suspended");
  answerWith("one");
  const page = await new Browser().request(`${contoso.base}/initiate`);
  expect(page.status).toBe(403);
  expect(await page.text()).toContain("/launch");
  expect(await nextOf(new Browser(), `${contoso.base}/launch`)).toContain("/notes/begin");
  answerWith("none");
  const dead = await new Browser().request(`${contoso.base}/launch`);
  expect([dead.status, dead.headers.get("location")]).toEqual([403, null]);
  await suspend("active");
});

it("an unknown connection leads nowhere", async () => {
  const answer = await new Browser().request(
    contoso.base.replace(/[0-9a-f]{32}$/, "0".repeat(32)) + "/launch",
  );
  expect([answer.status, answer.headers.get("location")]).toEqual([404, null]);
});
