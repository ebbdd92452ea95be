import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, liveApplications, type Product, startProduct } from "../support/product.ts";
import { formsOf, plaintextAnywhere } from "../support/plaintext.ts";
import { brokenInvariants } from "./support/invariants.ts";

// The search for secrets finds one that is put there, in each place and in each form.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

it("finds a secret in history, rows, log and on disk, and none where there is none", async () => {
  const tenant = product.addTenant();
  const { id } = await connect(product, tenant);
  await product.temporal.workflow.getHandle(`ms-provision-${id}`).result();
  const subject = { product, tenant, requestId: id };
  expect(await brokenInvariants(subject)).toEqual([]);
  expect(await plaintextAnywhere(product)).toEqual([]);

  const secret = liveApplications(tenant)[0]?.credentials[0]?.secretText ?? "";
  expect(secret).toHaveLength(40);
  product.lines.push(`careless ${encodeURIComponent(secret)}`);
  expect(await brokenInvariants(subject)).toEqual(["no plaintext: a secret stands in the log"]);
  product.lines.pop();

  // All products share one Postgres: the others look for theirs, and must not find this one.
  const ours = product.environment["AUTHIO_MS_PROVISION_CLIENT_SECRET"] ?? "";
  const setName = (name: string) =>
    product.sql`update ms_provision_requests set org_name = ${name} where id = ${id}`;
  await setName(`in it ${formsOf(ours).at(-1)}`);
  expect(await brokenInvariants(subject)).toEqual(["no plaintext: a secret stands in the rows"]);
  await setName(ours);
  await product.sql`checkpoint`;
  const [inDatabase, ...onDisk] = await plaintextAnywhere(product);
  expect(inDatabase).toBe("database");
  expect(onDisk.length).toBeGreaterThan(0);
  await setName("");

  await product.temporal.workflow.start("provisionMicrosoftConnection", {
    workflowId: `ms-provision-${id}`,
    taskQueue: "nobody",
    args: [{ careless: secret }],
  });
  expect(await brokenInvariants(subject)).toContain("no plaintext: a secret stands in the history");
});

it("finds a secret within a longer base64 text, wherever it begins", () => {
  const secret = "an-example~of.a_secret+more/";
  for (const before of ["", "x", "xy", "xyz"])
    for (const after of ["", "1", "12"]) {
      const text = Buffer.from(`${before}${secret}${after}`).toString("base64");
      expect(formsOf(secret).some((form) => text.includes(form))).toBe(true);
    }
});
