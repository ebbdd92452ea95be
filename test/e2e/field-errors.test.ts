import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { bodyBytesMax } from "../../src/domain/limits.ts";
import { newOrg, operatorToken, type Product, start, startProduct } from "../support/product.ts";

let product: Product;
let id: string;
const org = newOrg();
beforeAll(async () => {
  product = await startProduct();
  ({ id } = await start(product, new Browser(), org));
});
afterAll(() => product.stop());

type Call = "start" | "confirm" | "retry" | "cancel";
const session = `/v1/session/orgs/${org}/ms-provision`;
const admin = "/v1/admin/ms-provisions";

async function post(call: Call, body: string | ReadableStream): Promise<Response> {
  const path = {
    start: `${session}/start`,
    confirm: `${session}/${id}/confirm`,
    retry: `${admin}/${id}/retry`,
    cancel: `${admin}/${id}/cancel`,
  }[call];
  const token = path.startsWith(admin) ? operatorToken : await product.session(org);
  return fetch(product.origin + path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, origin: product.origin },
    body,
    ...(typeof body === "string" ? {} : { duplex: "half" }),
  });
}
const problemOf = async (answer: Response) => {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const { code, errors } = (await answer.json()) as { code: string; errors?: object[] };
  return [answer.status, code, errors];
};

describe("a 400 names each field and the reason", () => {
  it.each<[Call, string, string, string]>([
    ["start", "{", "", "is not JSON"],
    ["start", "[]", "", "must be an object"],
    ["start", '{"return_to":null}', "return_to", "must be text"],
    ["start", '{"access":"nobody"}', "access", "must be one of everyone, assigned"],
    ["start", '{"binding":"none"}', "binding", "must be one of cookie, confirm"],
    ["start", '{"tenant":"x"}', "tenant", "is not known here"],
    ["confirm", "", "", "is empty; a JSON object is needed"],
    ["confirm", "{}", "ms_confirm", "is missing"],
    ["confirm", '{"ms_confirm":7}', "ms_confirm", "must be text"],
    ["confirm", `{"ms_confirm":"${"x".repeat(129)}"}`, "ms_confirm", "must be at most 128 characters"],
    ["retry", "", "", "is empty; a JSON object is needed"],
    ["retry", '{"reason":""}', "reason", "must not be empty"],
    ["retry", '{"reason":"x","secret_lifetime_days":"9"}', "secret_lifetime_days", "must be a number"],
    ["retry", '{"reason":"x","secret_lifetime_days":731}', "secret_lifetime_days", "must be at most 730"],
    ["retry", '{"reason":"a\\u0000b"}', "reason", "holds control characters or half a surrogate pair"],
    ["cancel", "{}", "reason", "is missing"],
    ["cancel", '{"reason":"a\\u0000b"}', "reason", "holds control characters or half a surrogate pair"],
    ["cancel", '{"reason":"a\\ud800b"}', "reason", "holds control characters or half a surrogate pair"],
    ["cancel", '{"reason":"\\u001b[2J"}', "reason", "holds control characters or half a surrogate pair"],
  ])("%s %j", async (call, body, path, reason) => {
    expect(await problemOf(await post(call, body))).toEqual([400, "invalid_request", [{ path, reason }]]);
  });

  it.each([
    ["status=dancing", "status", expect.stringMatching(/^must be one of issued, consented, /) as string],
    ["status=%00", "status", expect.stringMatching(/^must be one of /) as string],
    ["organization_id=%00", "organization_id", "must be 1 to 255 printable characters"],
    ["organization_id=", "organization_id", "must be 1 to 255 printable characters"],
    ["organization_id=a&organization_id=b", "organization_id", "is given more than once"],
    ["org=a", "org", "is not known here"],
  ])("list ?%s", async (query, path, reason) => {
    const answer = await fetch(`${product.origin}${admin}?${query}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    expect(await problemOf(answer)).toEqual([400, "invalid_request", [{ path, reason }]]);
  });

  it("a reason of several lines in any script is kept as it was written", async () => {
    const reason = "Kunde bat darum:\n– 👩‍👩‍👧\t組織";
    expect((await post("cancel", JSON.stringify({ reason }))).status).toBe(202);
    const events =
      await product.sql`select detail from audit_events where request_id = ${id} and action = 'cancelled'`;
    expect(events).toMatchObject([{ detail: { reason } }]);
  });
});

describe("the size of a body", () => {
  const padded = (bytes: number) => `{}${" ".repeat(bytes - 2)}`;
  it.each<Call>(["start", "confirm", "retry", "cancel"])(
    "%s takes 8 KiB and not a byte more",
    async (call) => {
      expect((await post(call, padded(bodyBytesMax))).status).not.toBe(413);
      for (const body of [padded(bodyBytesMax + 1), new Blob([padded(bodyBytesMax + 1)]).stream()]) {
        const answer = await post(call, body);
        expect(answer.status).toBe(413);
        expect(await answer.json()).toMatchObject({
          code: "body_too_large",
          detail: "Bodies of this API are at most 8 KiB.",
        });
      }
    },
  );
});
