import { request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { isIPv6, type LookupFunction, type TcpSocketConnectOpts } from "node:net";
import { withTimeLimit } from "../../domain/time-limit.ts";
import type { AttemptError, AttemptOutcome, SignedPost } from "../../domain/webhooks.ts";

const timeoutMsMax = 10_000;
/** Of the answer's body, which nobody looks at: so much of it, and for so long, is taken for politeness, then the connection is closed. */
const bodyBytesMax = 16 * 1024;
const bodyMsMax = 1000;
/**
 * Node leaves each address but the last after this time, by default 250 ms: so a receiver on the other side of the world,
 * or one lost packet, fails for good where the last address leads nowhere. A lost SYN comes again after a second.
 */
const connectMsPerAddress = 1500;

/**
 * Sends one body and waits for the answer's status: within 10 s for everything, to the addresses that were checked and
 * no other, without following a redirect and without any proxy. Never throws.
 */
export function postWebhook(
  post: SignedPost,
  cancelled: AbortSignal,
  timeoutMs = timeoutMsMax,
): Promise<AttemptOutcome> {
  return withTimeLimit({ ms: timeoutMs, cancelled }, ({ signal }) => postWithin(post, signal));
}

function postWithin(post: SignedPost, signal: AbortSignal): Promise<AttemptOutcome> {
  const { url, headers, body } = post;
  const options: RequestOptions & Pick<TcpSocketConnectOpts, "autoSelectFamilyAttemptTimeout"> = {
    method: "POST",
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
    lookup: alwaysTo(post.addresses),
    autoSelectFamilyAttemptTimeout: connectMsPerAddress,
    // An agent of its own: nothing is kept open, and no setting of the process sends it elsewhere.
    agent: false,
    signal,
  };
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const sent = send(url, options, (answer) => {
      let bytes = 0;
      const tooLong = setTimeout(() => answer.destroy(), bodyMsMax);
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > bodyBytesMax) answer.destroy();
      });
      answer.on("error", () => undefined);
      answer.on("close", () => clearTimeout(tooLong));
      resolve(outcomeOf(answer.statusCode ?? 0));
    });
    // 101 is told in this way alone; nobody asked for another protocol.
    sent.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(outcomeOf(answer.statusCode ?? 0));
    });
    sent.on("error", (error) => resolve({ kind: "failed", error: reasonOf(error, signal) }));
    // Whatever else ends it: an attempt that never ends would keep its place from others.
    sent.on("close", () => resolve({ kind: "failed", error: "connection_failed" }));
    sent.end(body);
  });
}

function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return { kind: "delivered", status };
  return { kind: "failed", status, error: status >= 300 && status < 400 ? "redirect" : "status" };
}

function reasonOf(error: Error, signal: AbortSignal): AttemptError {
  if (signal.aborted) return "timeout";
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)
    ? "tls_failed"
    : "connection_failed";
}

/** A name that leads elsewhere by the time of the connection changes nothing. */
function alwaysTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, { all }, callback) => {
    if (all === true) callback(null, found);
    else callback(null, found[0]?.address ?? "", found[0]?.family);
  };
}
