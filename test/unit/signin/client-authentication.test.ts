import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Application } from "../../../src/domain/application.ts";
import type { ProjectId } from "../../../src/domain/ids.ts";
import { readCaller } from "../../../src/signin/client-authentication.ts";

const application = (clientId: string, secret?: string): Application => ({
  clientId,
  projectId: "proj_1" as ProjectId,
  name: clientId,
  redirectUris: [],
  ...(secret === undefined ? {} : { clientSecretSha256: createHash("sha256").update(secret).digest() }),
  isBareHandoff: false,
  postLogoutRedirectUris: [],
  admitsGuests: false,
});
/** As `openssl rand -base64` and password managers make them. */
const secrets = ["Zm9v+bar/baz==", "100%sure", "a%41b", "100%25", "p:q r&s=t", "ümlaut", "%", "+"];
const applications = [
  ...secrets.map((secret, index) => application(`app${index}`, secret)),
  application("https://app.example/c+1", "s3cret"),
  application("page"),
];
const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const read = (authorization: string, body: { clientId?: string; clientSecret?: string } = {}) => {
  try {
    const caller = readCaller(applications, {
      authorization,
      clientId: body.clientId,
      clientSecret: body.clientSecret,
    });
    return caller.kind === "authenticated" ? caller.application.clientId : caller;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("a Basic header", () => {
  it.each(secrets.map((secret, index) => [secret, `app${index}`] as const))(
    "is read form-encoded and as it is: %s",
    (secret, id) => {
      for (const written of [formEncoded(secret), encodeURIComponent(secret), secret])
        expect([written, read(basic(id, written))]).toEqual([written, id]);
      for (const wrong of [`${secret}x`, formEncoded(`${secret}x`), secret.toUpperCase() + "1"])
        expect(read(basic(id, wrong))).toBe("invalid_client");
    },
  );

  it("may be in Latin-1", () => {
    const header = Buffer.from("app5:ümlaut", "latin1").toString("base64");
    expect(read(`Basic ${header}`)).toBe("app5");
  });

  it("names clients with characters of their own", () => {
    const id = "https://app.example/c+1";
    expect(read(basic(formEncoded(id), "s3cret"))).toBe(id);
    expect(read(basic(formEncoded(id), "s3cret"), { clientId: id })).toBe(id);
    expect(read(basic(id, "s3cret"))).toBe(id);
    expect(read(basic(id, "s3cret"), { clientId: id })).toBe(id);
    expect(read(basic(id, "wrong"))).toBe("invalid_client");
  });

  it("stands beside the same client id, and beside no other and no secret", () => {
    const header = basic("app1", "100%sure");
    expect(read(header, { clientId: "app1" })).toBe("app1");
    expect(read(header, { clientId: "app2" })).toBe("invalid_request");
    expect(read(header, { clientSecret: "100%sure" })).toBe("invalid_request");
  });

  it("with an empty secret only names the client", () => {
    expect(read(basic("page", ""))).toEqual({ kind: "named", clientId: "page" });
    expect(read(basic("app1", ""))).toEqual({ kind: "named", clientId: "app1" });
  });

  it("may have blanks around it", () => {
    expect(read(basic("app1", "100%sure").replace(" ", "   "))).toBe("app1");
  });

  it.each([
    "Basic",
    "Basic ",
    "Basic !",
    "Bearer eA==",
    `Basic ${Buffer.from("app1").toString("base64")}`,
    basic("", "x"),
    "",
  ])("is none: %j", (header) => {
    expect(read(header)).toBe("invalid_client");
  });
});
