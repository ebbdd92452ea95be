import { createHash } from "node:crypto";
import type { Telemetry } from "../domain/telemetry.ts";
import { answerBytesMax, boundedFetch } from "./bounded-fetch.ts";
import { microsoftIds } from "./microsoft-ids.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

const waitingMs = 2 * 60_000;
const waitingMax = 200;
/** ID tokens whose key was not published yet, by the hash of what was asked; in memory only. */
const waiting = new Map<string, { readonly idToken: string; readonly untilMs: number }>();

/** `fetch` for one code exchange of openid-client's, which keeps the id_token that came. */
export interface ExchangeFetch {
  readonly fetch: (url: string, options: object) => Promise<Response>;
  /** The id_token of the answer; empty before there was one. */
  idToken(): string;
  /** Remembers it for two minutes: the same exchange then gets it without asking again, for a code is taken once. */
  keepWaiting(): void;
}

/** Of a success the library sees nothing to judge: the id_token is judged by us, the rest is of no use here. */
const opaqueSuccess = { access_token: "unused", token_type: "Bearer" };

export function exchangeFetch(telemetry: Telemetry): ExchangeFetch {
  const send = boundedFetch(answerBytesMax.login);
  let [asked, idToken] = ["", ""];
  return {
    async fetch(url, options: { body?: unknown }) {
      asked = createHash("sha256")
        .update(`${url} ${String(options.body)}`)
        .digest("base64url");
      const kept = waiting.get(asked);
      if (kept && kept.untilMs > monotonicMs()) {
        idToken = kept.idToken;
        return Response.json(opaqueSuccess);
      }
      const answer = await telemetry.around({ kind: "microsoft", name: "code" }, async (end) => {
        const sent = await send(url, options).catch((error: unknown) => {
          end(0);
          throw error;
        });
        end(sent.status, microsoftIds(sent.headers));
        return sent;
      });
      const text = await answer.text();
      if (answer.status === 200) {
        idToken = idTokenIn(text);
        return Response.json(opaqueSuccess);
      }
      // Only what matters goes on: a challenge header would hide the error in the body.
      const headers = new Headers({ "content-type": answer.headers.get("content-type") ?? "" });
      const retryAfter = answer.headers.get("retry-after");
      if (retryAfter !== null) headers.set("retry-after", retryAfter);
      return new Response(text === "" ? null : text, { status: answer.status, headers });
    },
    idToken: () => idToken,
    keepWaiting() {
      const nowMs = monotonicMs();
      for (const [one, { untilMs }] of waiting) if (untilMs <= nowMs) waiting.delete(one);
      if (waiting.size < waitingMax) waiting.set(asked, { idToken, untilMs: nowMs + waitingMs });
    },
  };
}

/** @throws {MicrosoftError} microsoft_unavailable for a success in a shape that no token endpoint gives */
function idTokenIn(text: string): string {
  try {
    const { id_token: token } = JSON.parse(text) as { id_token?: unknown };
    if (typeof token === "string") return token;
  } catch {
    // As one without id_token.
  }
  throw new MicrosoftError("microsoft_unavailable", { status: 200, reason: "unreadable_token_answer" });
}
