import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { keySetSeconds, keyTimes } from "../../src/signin/signing-keys.ts";
import { applicationsFile, notes } from "../support/applications.ts";
import { createOidcDriver, type OidcDriver } from "../support/openid.ts";
import { type Product, startProduct } from "../support/product.ts";

const file = applicationsFile();
let product: Product;
let tokenCall: OidcDriver["tokenCall"];
let codeForm: OidcDriver["codeForm"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  ({ tokenCall, codeForm } = await createOidcDriver(product));
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

/** Sixty times as fast as in earnest, with everything in the same proportion: refresh, caches, states. */
const faster = 60;
const begunMs = Date.now();
const signingKeyPace = {
  times: {
    announcedSeconds: keyTimes.announcedSeconds / faster,
    retiredSeconds: keyTimes.retiredSeconds / faster,
  },
  now: () => begunMs + (Date.now() - begunMs) * faster,
};

it("keys rotate under two replicas and a client with cached keys, without one failed sign-in", async () => {
  const replicas = [product.addReplica({}, { signingKeyPace }), product.addReplica({}, { signingKeyPace })];
  const cachedMs = (keySetSeconds / faster) * 1000;
  // Strict: keys are fetched again when their time is over, and never for a key id that is not among them.
  const keys = createRemoteJWKSet(new URL(`${product.origin}/v1/auth/.well-known/jwks.json`), {
    cacheMaxAge: cachedMs,
    cooldownDuration: cachedMs,
  });
  const signers: string[] = [];
  const rotateMs = Date.now() + 2000;
  const endMs = rotateMs + (keyTimes.announcedSeconds / faster) * 1000 + 4000;
  let isRotated = false;
  for (let turn = 0; Date.now() < endMs; turn += 1) {
    const replica = replicas[turn % 2];
    if (replica) product.answerWith(replica);
    const { status, body } = await tokenCall(await codeForm());
    expect(status).toBe(200);
    const { protectedHeader } = await jwtVerify(body["id_token"] as string, keys, {
      issuer: product.origin,
      audience: notes.clientId,
      algorithms: ["RS256"],
    });
    signers.push(protectedHeader.kid ?? "");
    if (isRotated || Date.now() < rotateMs) continue;
    isRotated = true;
    const environment = product.environment;
    expect(await msProvision(["keys", "rotate"], { environment, print: () => {} })).toBe(0);
  }

  expect(new Set(signers).size).toBe(2);
  expect(signers.length).toBeGreaterThan(20);
}, 60_000);
