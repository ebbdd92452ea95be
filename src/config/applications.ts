import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Application } from "../domain/application.ts";
import { projectIdSchema } from "../domain/ids.schema.ts";
import { cleanDisplay } from "../domain/text.ts";
import type { Environment } from "./environment.ts";
import { isLoopback } from "./listed-hosts.ts";
import { isGuessableDigest } from "./weak-digests.ts";

const variable = "AUTHIO_APPLICATIONS_FILE";
const bytesMax = 1_000_000;
const urlUnitsMax = 1024;
/** What the answer adds to a redirect URI. */
const ownParameters = /^(?:code|state|iss|error.*|client_state_nonce)$/;

const uris = z.array(z.string().min(1).max(urlUnitsMax)).max(100);
const entrySchema = z.strictObject({
  client_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: "must be 1 to 128 printable ASCII characters" }),
  project_id: projectIdSchema,
  name: z
    .string()
    .transform((name) => cleanDisplay(name, 120))
    .refine((name) => name !== "", { error: "must not be empty" }),
  redirect_uris: uris.min(1),
  client_secret_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, { error: "must be the SHA-256 of the secret, in hex" })
    .optional(),
  handoff: z.literal("bare").optional(),
  post_logout_redirect_uris: uris.optional(),
  initiate_login_uri: z.string().max(urlUnitsMax).optional(),
  guests: z.enum(["refuse", "allow"]).optional(),
});
type Entry = z.infer<typeof entrySchema>;

/** The applications that users sign in to, or none where the variable is not set. Every problem is noted. */
export function readApplications(
  env: Environment,
  given: { insecure: boolean; sessionAudience: string },
): readonly Application[] {
  const path = env.plain(variable);
  if (path === undefined) return [];
  const list = readList(env, path);
  const entries = list.flatMap((value, index) => {
    const where = `entry ${index + 1}`;
    const read = entrySchema.safeParse(value);
    if (read.success) return [{ where, entry: read.data }];
    for (const { path: at, message } of read.error.issues)
      env.problem(variable, `${where}${at.length > 0 ? `, ${at.join(".")}` : ""}: ${message}`);
    return [];
  });
  const seenIds = new Set<string>();
  const seenUris = new Set<string>();
  for (const { where, entry } of entries) {
    const say = (what: string): void => env.problem(variable, `${where}${what}`);
    if (seenIds.has(entry.client_id)) say(", client_id: stands twice");
    seenIds.add(entry.client_id);
    if (entry.client_id === given.sessionAudience)
      say(", client_id: must not be the audience of dashboard sessions; choose another");
    for (const uri of entry.redirect_uris) {
      const key = JSON.stringify([entry.project_id, uri]);
      if (seenUris.has(key))
        say(", redirect_uris: one stands twice in its project, so nobody could tell whose it is");
      seenUris.add(key);
    }
    judgeUris(entry, given.insecure, say);
    if (
      entry.client_secret_sha256 !== undefined &&
      isGuessableDigest(entry.client_secret_sha256, [entry.client_id])
    )
      say(
        ", client_secret_sha256: is the digest of nothing, or of a word that anybody guesses; make a secret with openssl rand -hex 32",
      );
  }
  return entries.map(({ entry }) => toApplication(entry));
}

function readList(env: Environment, path: string): readonly unknown[] {
  let text: string;
  try {
    // Also of the byte order mark, which some editors begin a file with.
    text = readFileSync(path, "utf8").trim();
  } catch {
    env.problem(variable, "names a file that cannot be read; check the path and its owner");
    return [];
  }
  try {
    const list: unknown = text.length > bytesMax ? undefined : JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // Said below.
  }
  env.problem(variable, "must name a file with a JSON list of applications");
  return [];
}

function judgeUris(entry: Entry, insecure: boolean, say: (what: string) => void): void {
  const judge = (field: string, uri: string, isRedirect: boolean): void => {
    const problem = problemOf(uri, insecure, isRedirect);
    if (problem !== undefined) say(`, ${field}: ${problem}`);
  };
  for (const uri of entry.redirect_uris) judge("redirect_uris", uri, true);
  for (const uri of entry.post_logout_redirect_uris ?? []) judge("post_logout_redirect_uris", uri, false);
  if (entry.initiate_login_uri !== undefined) judge("initiate_login_uri", entry.initiate_login_uri, false);
}

function problemOf(uri: string, insecure: boolean, isRedirect: boolean): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const isSecure =
    url?.protocol === "https:" || (insecure && url?.protocol === "http:" && isLoopback(url.hostname));
  // `https:host` and `https:/host` are addresses of that host to a parser, and paths of ours to a browser.
  if (url === undefined || !isSecure || !/^\w+:\/\/[\x21-\x7e]+$/.test(uri) || uri.includes("\\"))
    return "must be an https URL (http on loopback needs AUTHIO_ALLOW_INSECURE_LOOPBACK=1)";
  if (`${url.username}${url.password}` !== "") return "must not name a user";
  if (uri.includes("#")) return "must have no fragment";
  if (isRedirect && [...url.searchParams.keys()].some((name) => ownParameters.test(name)))
    return "must not name code, state, iss, error… or client_state_nonce; they tell the outcome";
  return undefined;
}

function toApplication(entry: Entry): Application {
  return {
    clientId: entry.client_id,
    projectId: entry.project_id,
    name: entry.name,
    redirectUris: entry.redirect_uris,
    ...(entry.client_secret_sha256 === undefined
      ? {}
      : { clientSecretSha256: Buffer.from(entry.client_secret_sha256, "hex") }),
    isBareHandoff: entry.handoff === "bare",
    postLogoutRedirectUris: entry.post_logout_redirect_uris ?? [],
    ...(entry.initiate_login_uri === undefined ? {} : { initiateLoginUri: entry.initiate_login_uri }),
    admitsGuests: entry.guests === "allow",
  };
}
