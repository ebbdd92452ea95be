import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readApplications } from "../../../src/config/applications.ts";
import { type ConfigError, Environment } from "../../../src/config/environment.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "applications-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = {
  client_id: "notes",
  project_id: "proj_1",
  name: "Notes",
  redirect_uris: ["https://notes.example.com/callback?tenant=a"],
};
const read = (content: unknown, insecure = false) => {
  const file = path.join(folder, "applications.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  const env = new Environment({ AUTHIO_APPLICATIONS_FILE: file });
  const applications = readApplications(env, { insecure, sessionAudience: "authio" });
  env.finish();
  return applications;
};
const problemsOf = (content: unknown): readonly string[] => {
  try {
    read(content);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};
const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("the applications file", () => {
  it("is not needed", () => {
    expect(readApplications(new Environment({}), { insecure: false, sessionAudience: "x" })).toEqual([]);
  });

  it("may begin with a byte order mark", () => {
    expect(read(`\uFEFF${JSON.stringify([good])}\n`)).toHaveLength(1);
  });

  it("says who may be signed in to, and how each shows who it is", () => {
    const [one] = read([{ ...good, client_secret_sha256: digestOf("k7".repeat(20)), guests: "allow" }]);
    expect(one).toMatchObject({ clientId: "notes", isBareHandoff: false, admitsGuests: true });
    expect(one?.clientSecretSha256?.length).toBe(32);
    expect(read([good])[0]?.clientSecretSha256).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["plain http", { redirect_uris: ["http://notes.example.com/"] }, "redirect_uris"],
    ["http on loopback where it is not admitted", { redirect_uris: ["http://localhost/"] }, "redirect_uris"],
    ["a fragment", { redirect_uris: ["https://a.example/#x"] }, "fragment"],
    ["an empty fragment", { redirect_uris: ["https://a.example/#"] }, "fragment"],
    ["a user", { redirect_uris: ["https://u:p@a.example/"] }, "user"],
    ["our own parameters", { redirect_uris: ["https://a.example/?state=1"] }, "redirect_uris"],
    ["our own parameters, encoded", { redirect_uris: ["https://a.example/?%63ode=1"] }, "redirect_uris"],
    ["an error of ours", { redirect_uris: ["https://a.example/?error_uri=1"] }, "redirect_uris"],
    ["another scheme", { redirect_uris: ["javascript:alert(1)"] }, "redirect_uris"],
    ["no slashes", { redirect_uris: ["https:a.example/callback"] }, "redirect_uris"],
    ["one slash", { post_logout_redirect_uris: ["https:/a.example/bye"] }, "post_logout_redirect_uris"],
    ["a back slash", { redirect_uris: ["https:\\\\a.example\\"] }, "redirect_uris"],
    ["no address at all", { redirect_uris: [] }, "redirect_uris"],
    ["one address twice", { redirect_uris: ["https://a.example/", "https://a.example/"] }, "twice"],
    ["the digest of nothing", { client_secret_sha256: digestOf("") }, "digest"],
    ["the digest of a word", { client_secret_sha256: digestOf("secret") }, "digest"],
    ["the digest of its own name", { client_secret_sha256: digestOf("notes\n") }, "digest"],
    ["no digest", { client_secret_sha256: "abc" }, "client_secret_sha256"],
    ["the audience of sessions as id", { client_id: "authio" }, "audience"],
    ["a way nobody knows", { handoff: "open" }, "handoff"],
    ["a field nobody knows", { secret: "x" }, "secret"],
    [
      "a way out over http",
      { post_logout_redirect_uris: ["http://a.example/"] },
      "post_logout_redirect_uris",
    ],
    ["no project", { project_id: "" }, "project_id"],
  ])("refuses %s", (_name, change, word) => {
    const problems = problemsOf([{ ...good, ...change }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^AUTHIO_APPLICATIONS_FILE entry 1.*${word}`));
  });

  it.each(["{}", "not JSON", "[", "null"])("refuses what is no list: %s", (content) => {
    expect(problemsOf(content)).toEqual([expect.stringContaining("JSON list")]);
  });

  it("names every problem at once, and refuses one id or address for two", () => {
    expect(problemsOf([good, { ...good, name: "" }, { ...good, client_id: "other" }])).toEqual([
      expect.stringContaining("entry 2, name"),
      expect.stringContaining("entry 3, redirect_uris"),
    ]);
    expect(problemsOf([good, { ...good, redirect_uris: ["https://b.example/"] }])).toHaveLength(1);
    expect(problemsOf([good, { ...good, client_id: "other", project_id: "proj_2" }])).toEqual([]);
  });
});
