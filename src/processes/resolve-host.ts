import { Resolver } from "node:dns/promises";
import { withTimeLimit } from "../domain/time-limit.ts";
import type { ResolveHost } from "../domain/webhooks.ts";

const timeoutMsMax = 4000;
/** Of one question; asked three times, each with more patience, it ends with the time limit. */
const questionMs = 1000;

/**
 * Asks the system's DNS servers, within a time limit, and keeps nothing for the next time. Not the system's own lookup:
 * that has two places in the whole process, and names whose servers never answer would hold them for ten seconds and
 * more each, against everybody else who calls somebody. What comes with it is left out: search lists and the hosts file.
 * `servers`: others to ask instead.
 */
export function createResolveHost(servers?: readonly string[], timeoutMs = timeoutMsMax): ResolveHost {
  return async (host) => {
    const name = host.replace(/\.$/, "");
    // RFC 6761, section 6.3: these are this machine's and no question for DNS.
    if (/(?:^|\.)localhost$/i.test(name)) return ["127.0.0.1", "::1"];
    // A resolver of its own reads the system's settings of now and is gone afterwards.
    const resolver = new Resolver({ timeout: questionMs, tries: 3 });
    if (servers) resolver.setServers(servers);
    return withTimeLimit({ ms: timeoutMs }, async ({ signal }) => {
      signal.addEventListener("abort", () => resolver.cancel());
      const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      // Some servers never answer for the one family: the other's addresses are good without.
      if (v4.status === "rejected" && v6.status === "rejected") throw v4.reason;
      return takeTurns(v4.status === "fulfilled" ? v4.value : [], v6.status === "fulfilled" ? v6.value : []);
    });
  };
}

/** So that whoever takes the first few has both families. */
function takeTurns(v4: readonly string[], v6: readonly string[]): string[] {
  return [...v4.entries(), ...v6.entries()].toSorted(([a], [b]) => a - b).map(([, address]) => address);
}
