import { expect, it } from "vitest";
import { progressView } from "../../../src/dashboard/progress-page.ts";
import { connectionOf, organizationPageOf } from "../../support/organization-page.ts";

const pageOf = (given: Parameters<typeof connectionOf>[1], reason?: "insufficient_role") =>
  organizationPageOf({
    connections: [connectionOf(1, { display_name: "Head.office", ...given })],
    ...(reason === undefined ? {} : { reason, canStart: false }),
  });
const form = 'action="/release"';

it("a release says before what stops working, until when people sign in, and has the name typed", async () => {
  const page = await pageOf({});
  const said = page.slice(page.indexOf(form), page.indexOf("</form>", page.indexOf(form)));
  expect(said).toContain("neither renew the secret, nor repair");
  expect(said).toContain("until the client secret ends on 2028-11-24");
  expect(said).toContain("Enterprise applications, our app, Properties, Delete");
  expect(said).toContain('pattern="Head\\u{2e}office"');
  expect(said).toContain('aria-describedby="release-sso_1"');
});

it("is offered for what is disconnected too, without a word about signing in", async () => {
  const page = await pageOf({ status: "disconnected", restorable_until: "2099-01-01T00:00:00.000Z" });
  expect(page).toContain(form);
  expect(page).not.toContain("People can sign in until");
});

it("is offered to nobody while something is under way, once it is done, or who may not", async () => {
  expect(await pageOf({ operation: { id: "op_1", kind: "release" } })).not.toContain(form);
  expect(await pageOf({}, "insufficient_role")).not.toContain(form);
  const released = { access_released_at: "2026-11-28T09:41:30.000Z" };
  const page = await pageOf(released);
  expect(page).not.toContain(form);
  expect(page).toContain("was released on 2026-11-28");
  expect(page).toContain("Not renewed any more, since our access was released; it ends 2028-11-24");
  const gone = await pageOf({
    ...released,
    status: "disconnected",
    restorable_until: "2099-01-01T00:00:00.000Z",
  });
  expect(gone).not.toContain("Restore the connection");
});

it("says its end, and a release that was refused is not called a connection that failed", async () => {
  const outcome = { kind: "released", directory: "contoso.example" } as const;
  expect(await organizationPageOf({ outcome })).toContain("Our app is removed from contoso.example.");
  const page = await organizationPageOf({
    connections: [connectionOf(1, { status: "disconnected" })],
    outcome: {
      kind: "failed",
      failure: { code: "release_refused", detail: "No.", reference: "mspr_1", at: new Date(0) },
    },
  });
  expect(page).toContain("This attempt did not succeed");
});

it("calls its progress by its own name", () => {
  const titleOf = (name: "releaseAccess" | "instantiateApplication") =>
    progressView([{ name, state: "running", attempts: 1 }]).title;
  expect([titleOf("releaseAccess"), titleOf("instantiateApplication")]).toEqual([
    "Releasing our access",
    "Connecting Microsoft",
  ]);
});
