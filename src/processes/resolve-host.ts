import { lookup } from "node:dns/promises";
import type { ResolveHost } from "../domain/webhooks.ts";

const timeoutMs = 4000;

/** As the system resolves names, with a time limit; what was asked for last time is not kept here. */
export const resolveHost: ResolveHost = async (host) => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the name was not resolved in time")), timeoutMs);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), late]);
    return found.map(({ address }) => address);
  } finally {
    clearTimeout(timer);
  }
};
