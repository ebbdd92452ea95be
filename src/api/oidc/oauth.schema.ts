import { z } from "zod";
import type { Answer } from "../contract/route.ts";

/** An error in OAuth's shape (RFC 6749 section 5.2). */
const oauthErrorSchema = <const W extends readonly [string, ...string[]]>(words: W) =>
  z.object({ error: z.enum(words), error_description: z.string() });

/** What an endpoint of OAuth's answers when it says no: the words of each status, and those that every one has. */
export function oauthRefusals(
  words: Readonly<Record<number, readonly [string, ...string[]]>>,
): Readonly<Record<number, Answer>> {
  const all = { ...words, 500: ["server_error"], 503: ["temporarily_unavailable"] } as const;
  return Object.fromEntries(
    Object.entries(all).map(([status, list]) => [
      status,
      { description: list.map((word) => `\`${word}\``).join(", "), schema: oauthErrorSchema(list) },
    ]),
  );
}
