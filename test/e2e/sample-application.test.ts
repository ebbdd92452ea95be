import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { developmentOrg, developmentProject } from "../../src/embedded/development-sessions.ts";
import { type SampleApplication, startSampleApplication } from "../../src/embedded/sample-application.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { nextOf } from "../support/applications.ts";
import { connect, type Product, startProduct } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// The sample application as `npm start` and the demo register it: sign-ins that begin elsewhere (OpenID Connect Core 4).

let product: Product;
let sample: SampleApplication;
let tenant: SimulatedTenant;
let connection: string;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_PROJECT_ID: developmentProject });
  await product.startWorker();
  sample = await startSampleApplication(product.origin, 0);
  product.addReplica({ AUTHIO_APPLICATIONS_FILE: sample.file });
  tenant = product.addTenant();
  const ofProject = { project_id: developmentProject };
  const { end } = await connect(
    { ...product, session: (org, role) => product.session(org, role, ofProject) },
    tenant,
    { org: developmentOrg.id },
  );
  connection = end.searchParams.get("connection") ?? "";
});
afterAll(async () => {
  await sample.stop();
  await product.stop();
});

type Query = Record<string, string>;
const parametersOf = (query: Query): URLSearchParams =>
  new URLSearchParams({ iss: product.origin, organization_id: developmentOrg.id, connection, ...query });
const initiateUrl = (query: Query = {}): string =>
  `${sample.origin}/initiate?${parametersOf(query).toString()}`;

/** Goes on from the sample's redirect: a member signs in; gives where the browser ends and what stands there. */
async function signedIn(browser: Browser, authorize: string): Promise<{ end: string; text: string }> {
  const callback = await chooseUser(browser, tenant, await nextOf(browser, authorize), 1);
  const end = await nextOf(browser, await nextOf(browser, callback));
  return { end, text: await (await browser.request(new URL(end, sample.origin))).text() };
}

describe("a sign-in that begins elsewhere", () => {
  it("leads from the tile in My Apps into the sample application", async () => {
    const tile = tenant.applications[0]?.properties["web"] as { homePageUrl: string };
    const browser = new Browser();
    const initiated = await nextOf(browser, tile.homePageUrl);
    expect(initiated).toBe(initiateUrl());
    const { end, text } = await signedIn(browser, await nextOf(browser, initiated));
    expect(end).toBe(`${sample.origin}/`);
    expect(text).toContain(`You are <strong>${tenant.users[1]?.name}</strong>`);
  });

  it("takes a form, passes the hint on, and ends where the person wanted to go", async () => {
    const browser = new Browser();
    const authorize = await nextOf(browser, `${sample.origin}/initiate`, {
      method: "POST",
      body: parametersOf({
        login_hint: "ada@contoso.example",
        target_link_uri: `${sample.origin}//other.example/?a=1`,
      }),
    });
    expect(Object.fromEntries(new URL(authorize).searchParams)).toMatchObject({
      login_hint: "ada@contoso.example",
      connection,
    });
    expect((await signedIn(browser, authorize)).end).toBe(`${sample.origin}//other.example/?a=1`);
  });

  it.each<[string, Query, string]>([
    ["another issuer", { iss: "https://other.example" }, "another sign-in service"],
    ["no issuer", { iss: "" }, "another sign-in service"],
    ["another organization", { organization_id: "org_other" }, "another organization"],
    ["an address elsewhere", { target_link_uri: "https://other.example/" }, "not of this application"],
    ["a script as address", { target_link_uri: "javascript:alert(1)" }, "not of this application"],
    ["no address", { target_link_uri: "//other.example" }, "not of this application"],
  ])("is refused with %s", async (_name, query, text) => {
    const answer = await new Browser().request(initiateUrl(query));
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    expect(await answer.text()).toContain(text);
  });
});
