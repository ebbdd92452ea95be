import { afterAll, beforeAll, expect, it } from "vitest";
import { applicationsFile } from "../support/applications.ts";
import { createHandOffDriver, type HandOffDriver } from "../support/hand-off.ts";
import { connect, liveApplications, type Product, startProduct } from "../support/product.ts";

// Who a person is to an application, whatever becomes of the connection.

const file = applicationsFile();
let product: Product;
let contoso: HandOffDriver["contoso"];
let exchange: HandOffDriver["exchange"];
let codeOf: HandOffDriver["codeOf"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  ({ contoso, exchange, codeOf } = await createHandOffDriver(product));
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

const subjectNow = async (at = contoso): Promise<string> => {
  const { status, body } = await exchange(await codeOf({}, { at }));
  expect(status).toBe(200);
  return (body["identity"] as { sub: string }).sub;
};

it("stays through a reconnect, another application at Microsoft, and another connection", async () => {
  const before = await subjectNow();
  await connect(product, contoso.tenant, { org: contoso.org });
  expect(await subjectNow()).toBe(before);
  const [replaced] = liveApplications(contoso.tenant);
  if (replaced) replaced.deletedMs = Date.now() - 31 * 86_400_000;
  await connect(product, contoso.tenant, { org: contoso.org });
  expect(liveApplications(contoso.tenant)[0]?.appId).not.toBe(replaced?.appId);
  expect(await subjectNow()).toBe(before);
  await product.sql`update sso_connections
    set status = 'disconnected', sealed_secret = null, epoch = epoch + 1 where id = ${contoso.connection}`;
  const { end } = await connect(product, contoso.tenant, { org: contoso.org });
  const connection = end.searchParams.get("connection") ?? "";
  expect(connection).not.toBe(contoso.connection);
  const at = { ...contoso, connection, base: contoso.base.replace(contoso.connection, connection) };
  expect(await subjectNow(at)).toBe(before);
});
