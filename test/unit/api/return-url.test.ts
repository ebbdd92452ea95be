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
    "https://dashboard.authio.com/?%6fk=1",
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

  it("keeps the URL's own query and falls back when the host is no longer listed", () => {
    const answer = { error: "consent_declined", request: "mspr_1" };
    expect(
      buildReturnUrl("https://dashboard.authio.com/a?tab=sso", "https://home.example/", strict, answer),
    ).toBe("https://dashboard.authio.com/a?tab=sso&error=consent_declined&request=mspr_1");
    expect(buildReturnUrl("https://old.example/a", "https://home.example/", strict, answer)).toBe(
      "https://home.example/?error=consent_declined&request=mspr_1",
    );
    expect(buildReturnUrl(null, "https://home.example/", strict, answer)).toContain("https://home.example/");
  });
});
