import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildReturnUrl, isAllowedReturnUrl } from "../../../src/api/return-url.ts";

const strict = { hosts: ["dashboard.authio.com"], allowInsecureLoopback: false };
const development = {
  hosts: ["dashboard.authio.com", "localhost", "127.0.0.1:4000"],
  allowInsecureLoopback: true,
};

describe("return URL", () => {
  it.each([
    "https://dashboard.authio.com",
    "https://dashboard.authio.com/",
    "https://dashboard.authio.com/a/b?c=d",
    "https://dashboard.authio.com?x=1",
    "https://dashboard.authio.com/%2f?x=%0d%0a",
  ])("accepts %s", (url) => {
    expect(isAllowedReturnUrl(url, strict)).toBe(true);
  });

  it.each([
    "",
    "http://dashboard.authio.com/",
    "HTTPS://dashboard.authio.com/",
    "https:dashboard.authio.com",
    "https:/dashboard.authio.com",
    "https:///dashboard.authio.com",
    "//dashboard.authio.com/",
    "https:\\\\dashboard.authio.com",
    "https://dashboard.authio.com\\@evil.com",
    "https://dashboard.authio.com\\.evil.com",
    "https://user@dashboard.authio.com/",
    "https://user:pw@dashboard.authio.com/",
    "https://@dashboard.authio.com/",
    "https://evil.com@dashboard.authio.com",
    "https://dashboard.authio.com@evil.com",
    "https://dashboard.authio.com:443/",
    "https://dashboard.authio.com:8443/",
    "https://dashboard.authio.com:/",
    "https://dashboard.authio.com./",
    "https://dashboard.authio.com.evil.com/",
    "https://evildashboard.authio.com/",
    "https://x.dashboard.authio.com/",
    "https://authio.com/",
    "https://dashboardxauthio.com/",
    "https://dashboard。authio。com/",
    "https://ｄashboard.authio.com/",
    "https://dаshboard.authio.com/",
    "https://DASHBOARD.authio.com/",
    "https://%64ashboard.authio.com/",
    "https://dash\tboard.authio.com/",
    "https://dashboard.authio.com/\r\nx",
    " https://dashboard.authio.com/",
    "https://dashboard.authio.com/#x",
    "https://dashboard.authio.com#",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://2130706433/",
    "https://localhost/",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://dashboard.authio.com/",
    "https://dashboard.authio.com/?ok=1",
    "https://dashboard.authio.com/?error=x",
    "https://dashboard.authio.com/?ok",
    "https://dashboard.authio.com/?%6fk=1",
    "https://dashboard.authio.com/?%6F%6B=1",
    "https://dashboard.authio.com?a&ms%5Fconfirm=1",
    "https://dashboard.authio.com/?%63onnection",
    "https://dashboard.authio.com/?a=1&&%72equest=x",
    `https://dashboard.authio.com/${"a".repeat(2048)}`,
  ])("refuses %j", (url) => {
    expect(isAllowedReturnUrl(url, strict)).toBe(false);
  });

  it("accepts http and a port on a listed loopback host in development only", () => {
    expect(isAllowedReturnUrl("http://localhost:3000/x", development)).toBe(true);
    expect(isAllowedReturnUrl("http://127.0.0.1:4000/", development)).toBe(true);
    expect(isAllowedReturnUrl("http://127.0.0.1:4001/", development)).toBe(false);
    expect(isAllowedReturnUrl("http://dashboard.authio.com/", development)).toBe(false);
    expect(
      isAllowedReturnUrl("http://localhost:3000/x", { ...development, allowInsecureLoopback: false }),
    ).toBe(false);
  });

  it("never accepts what parses to another host", () => {
    const piece = fc.constantFrom(
      "https://",
      "dashboard.authio.com",
      "evil.com",
      "@",
      ":",
      "/",
      "\\",
      "?",
      ".",
      "%2e",
      "443",
      "//",
      "\t",
      "a",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
        (url) => {
          if (isAllowedReturnUrl(url, strict)) expect(new URL(url).host).toBe("dashboard.authio.com");
        },
      ),
      { numRuns: 20_000 },
    );
  });

  const answer = { error: "consent_declined", request: "mspr_1" } as const;
  const ours = "error=consent_declined&request=mspr_1";

  it.each([
    ["https://dashboard.authio.com", `?${ours}`],
    ["https://dashboard.authio.com/a", `?${ours}`],
    ["https://dashboard.authio.com/a?", ours],
    ["https://dashboard.authio.com?x", `&${ours}`],
    ["https://dashboard.authio.com/a?tab=sso", `&${ours}`],
    ["https://dashboard.authio.com/a?tab=sso&", ours],
    ["https://dashboard.authio.com/a?&&", ours],
    ["https://dashboard.authio.com/a?flag&z=1", `&${ours}`],
    ["https://dashboard.authio.com/a?q=a%20b", `&${ours}`],
    ["https://dashboard.authio.com/a?q=a+b", `&${ours}`],
    ["https://dashboard.authio.com/a?next=%2Fx%3Fy%3D1%26z", `&${ours}`],
    ["https://dashboard.authio.com/a?price=%E2%82%AC&lower=%e2%82%ac", `&${ours}`],
    ["https://dashboard.authio.com/a?a=1;b=2", `&${ours}`],
    ["https://dashboard.authio.com/a?a=1&a=2&a", `&${ours}`],
    ["https://dashboard.authio.com/a?bad=%zz&half=%e2&=x&y==", `&${ours}`],
    ["https://dashboard.authio.com/a?next=/b?c", `&${ours}`],
    ["https://dashboard.authio.com/a??", `&${ours}`],
    ["https://dashboard.authio.com/a?s='(*)!~\"<>{}|^`", `&${ours}`],
    ["https://dashboard.authio.com/a/../b/%2e%2e/./c//?x", `&${ours}`],
  ])("adds its parameters to %s and changes no byte of it", (url, added) => {
    expect(isAllowedReturnUrl(url, strict)).toBe(true);
    expect(buildReturnUrl(url, "https://home.example/", strict, answer)).toBe(url + added);
    // The dashboard's own address is treated alike.
    expect(buildReturnUrl(null, url, strict, answer)).toBe(url + added);
  });

  it("keeps any query of a listed host, and adds what a reader finds again", () => {
    const query = fc.stringMatching(/^[\x21-\x7e]{0,40}$/).filter((text) => !/[#\\]/.test(text));
    fc.assert(
      fc.property(query, (text) => {
        const url = `https://dashboard.authio.com/a?${text}`;
        fc.pre(isAllowedReturnUrl(url, strict));
        const built = buildReturnUrl(url, "https://home.example/", strict, answer);
        expect(built.startsWith(url)).toBe(true);
        const read = new URL(built).searchParams;
        expect([read.getAll("error"), read.getAll("request")]).toEqual([["consent_declined"], ["mspr_1"]]);
      }),
      { numRuns: 5000 },
    );
  });

  it("falls back to the dashboard when the host is no longer listed", () => {
    expect(buildReturnUrl("https://old.example/a", "https://home.example/?t=1", strict, answer)).toBe(
      `https://home.example/?t=1&${ours}`,
    );
  });
});
