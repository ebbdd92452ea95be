import { describe, expect, it } from "vitest";
import { checkAddresses, parseWebhookUrl } from "../../../src/domain/checked-url.ts";

/** What becomes of an address: a word for why not, or where the connection goes. */
async function judged(text: string, leadsTo: readonly string[], allowLoopback = false): Promise<string> {
  const url = parseWebhookUrl(text, allowLoopback);
  if (!url) return "malformed";
  const found = await checkAddresses(url, { resolve: async () => leadsTo, allowLoopback });
  return found.kind === "allowed" ? found.addresses.join(" ") : found.error;
}

describe("an address of a stranger's", () => {
  it.each([
    ["https://a.example/x?y=1", ["8.8.8.8", "2606:4700::1"], "8.8.8.8 2606:4700::1"],
    ["https://8.8.4.4:8443/", ["10.0.0.1"], "8.8.4.4"],
    ["https://[2606:4700::1]/", [], "2606:4700::1"],
    ["https://a.example/", [], "name_not_found"],
    ["https://a.example/", ["8.8.8.8", "10.0.0.1"], "address_not_allowed"],
    ["https://a.example/", ["fe80::1%eth0"], "address_not_allowed"],
    ["https://0x7f.1/", ["8.8.8.8"], "address_not_allowed"],
    ["https://localhost/", ["127.0.0.1"], "address_not_allowed"],
    ["https://[::1]/", [], "address_not_allowed"],
    ["http://a.example/", ["8.8.8.8"], "malformed"],
    ["https://a:b@a.example/", ["8.8.8.8"], "malformed"],
    ["https://a.example/#x", ["8.8.8.8"], "malformed"],
    ["file:///etc/passwd", [], "malformed"],
    [`https://a.example/${"x".repeat(2000)}`, ["8.8.8.8"], "malformed"],
  ])("%s that leads to %j is judged", async (url, leadsTo, judgement) => {
    expect(await judged(url, leadsTo)).toBe(judgement);
  });
});

describe("with the insecure flag", () => {
  it.each([
    ["http://localhost:4000/", ["127.0.0.1", "::1"], "127.0.0.1 ::1"],
    ["https://127.0.0.1/", [], "127.0.0.1"],
    ["http://a.example/", ["8.8.8.8"], "address_not_allowed"],
    ["http://localhost/", ["127.0.0.1", "8.8.8.8"], "address_not_allowed"],
    ["https://10.0.0.1/", [], "address_not_allowed"],
    ["https://[::ffff:127.0.0.1]/", [], "address_not_allowed"],
  ])("this machine is admitted and nothing else: %s, %j", async (url, leadsTo, judgement) => {
    expect(await judged(url, leadsTo, true)).toBe(judgement);
  });
});
