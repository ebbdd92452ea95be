import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser } from "../../src/embedded/browser.ts";
import { testProject } from "./product.ts";

export const newSecret = (): string => randomBytes(32).toString("base64url");
export const challengeOf = (verifier: string): string =>
  createHash("sha256").update(verifier).digest("base64url");
const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Applications that people sign in to; nothing listens at their addresses, the tests read where a browser is sent. */
export const notes = {
  clientId: "notes",
  secret: newSecret(),
  redirectUri: "http://localhost:9/notes/callback?keep=%41+b",
  otherUri: "http://localhost:9/notes/other",
  signedOutUri: "http://localhost:9/notes/bye",
};
export const spa = { clientId: "spa", redirectUri: "http://localhost:9/spa" };
export const bare = { clientId: "bare", redirectUri: "http://localhost:9/bare" };
export const hosting = {
  clientId: "hosting",
  secret: newSecret(),
  redirectUri: "http://localhost:9/hosting",
};
export const foreign = {
  clientId: "foreign",
  secret: newSecret(),
  redirectUri: "http://localhost:9/foreign",
};

/**
 * Writes them as AUTHIO_APPLICATIONS_FILE; `remove` when the tests are done. `launchable` begin sign-ins by themselves.
 */
export function applicationsFile(launchable: readonly string[] = []): { file: string; remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "applications-"));
  const file = path.join(folder, "applications.json");
  const entry = { project_id: testProject };
  const list = [
    {
      ...entry,
      client_id: notes.clientId,
      name: "Notes",
      redirect_uris: [notes.redirectUri, notes.otherUri],
      post_logout_redirect_uris: [notes.signedOutUri],
      client_secret_sha256: digestOf(notes.secret),
    },
    { ...entry, client_id: spa.clientId, name: "Page", redirect_uris: [spa.redirectUri] },
    { ...entry, client_id: bare.clientId, name: "Bare", redirect_uris: [bare.redirectUri], handoff: "bare" },
    {
      ...entry,
      client_id: hosting.clientId,
      name: "Hosting",
      redirect_uris: [hosting.redirectUri, "http://localhost:9/auth/callback/authio"],
      client_secret_sha256: digestOf(hosting.secret),
      guests: "allow",
    },
    {
      project_id: "proj_other",
      client_id: foreign.clientId,
      name: "Foreign",
      redirect_uris: [foreign.redirectUri],
      client_secret_sha256: digestOf(foreign.secret),
    },
  ];
  const begins = (clientId: string) =>
    launchable.includes(clientId)
      ? { initiate_login_uri: `http://localhost:9/${clientId}/begin?from=%41` }
      : {};
  writeFileSync(file, JSON.stringify(list.map((one) => ({ ...one, ...begins(one.client_id) }))));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Where a browser is sent next. */
export async function nextOf(browser: Browser, url: string, init: RequestInit = {}): Promise<string> {
  const answer = await browser.request(url, init as Parameters<Browser["request"]>[1]);
  return answer.headers.get("location") ?? `${answer.status} ${(await answer.text()).slice(0, 200)}`;
}
