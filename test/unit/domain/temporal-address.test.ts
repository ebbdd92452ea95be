import { describe, expect, it } from "vitest";
import { parseTemporalAddress } from "../../../src/domain/temporal-address.ts";

describe("Temporal's address", () => {
  it.each([
    ["localhost:7233", "localhost:7233"],
    ["temporal.example.com", "temporal.example.com:7233"],
    ["temporal.example.com:", "temporal.example.com:7233"],
    [" localhost:7233\n", "localhost:7233"],
    ["localhost:7233/", "localhost:7233"],
    ["http://localhost:7233", "localhost:7233"],
    ["HTTP://localhost:7233/", "localhost:7233"],
    ["grpc://localhost", "localhost:7233"],
    ["tcp://10.0.0.7:7000", "10.0.0.7:7000"],
    ["dns:///temporal:7233", "temporal:7233"],
    ["[::1]:7233", "[::1]:7233"],
    ["[::1]", "[::1]:7233"],
    ["::1", "[::1]:7233"],
    ["2001:db8::7", "[2001:db8::7]:7233"],
    ["ns.acct.tmprl.cloud:7233", "ns.acct.tmprl.cloud:7233"],
  ])("%s", (text, address) => expect(parseTemporalAddress(text)).toEqual({ address, wantsTls: false }));

  it("https means TLS", () => {
    expect(parseTemporalAddress("https://ns.acct.tmprl.cloud:7233")).toEqual({
      address: "ns.acct.tmprl.cloud:7233",
      wantsTls: true,
    });
  });

  it.each([
    ["localhost:7233/hunter2", /path/],
    ["http://localhost:7233/api?hunter2", /path/],
    ["hunter2@localhost:7233", /TEMPORAL_API_KEY/],
    ["postgres://hunter2", /scheme/],
    ["a:7233,hunter2:7233", /several/],
    ["localhost:hunter2", /host with a port/],
    ["localhost:0", /port/],
    ["localhost:70000", /port/],
    ["hunter2 x", /host with a port/],
    ["https://", /host with a port/],
    [":7233", /host with a port/],
    ["[::1", /host with a port/],
  ])("%s is named with the fix", (text, expected) => {
    const read = (): unknown => parseTemporalAddress(text);
    expect(read).toThrow(expected);
    expect(read).toThrow(RangeError);
    expect(read).not.toThrow(/hunter2/);
  });
});
