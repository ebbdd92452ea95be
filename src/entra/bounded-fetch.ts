/**
 * What an answer may weigh once it is unpacked, in bytes. The largest true ones: a list page of Graph's (100
 * applications, about 2 KB each) and the key set of a tenant (about 25 KB with its certificate chains). Parsed JSON
 * takes up to twenty times its text in memory, so a limit of more than a few MB would be none.
 */
export const answerBytesMax = { graph: 1024 * 1024, login: 256 * 1024 } as const;

/** The body is longer than it may be; the rest of it was not read. A `TypeError`, as every other failed fetch is. */
export class AnswerTooLongError extends TypeError {
  override readonly name = "AnswerTooLongError";
  readonly code = "ANSWER_TOO_LONG";
}

/**
 * Reads a body as text and stops at the limit, so that neither a long answer nor a small one that unpacks to a long
 * one costs its own size in memory. The connection is closed then.
 * @throws {AnswerTooLongError}
 */
export async function readText(response: Response, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > bytesMax) throw new AnswerTooLongError(`more than ${bytesMax} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * `fetch` for libraries that read the body themselves: the answer they get is in memory already and within the limit.
 * Rejects with an `AnswerTooLongError` otherwise. The caller's signal bounds the time, as with `fetch`.
 */
export function boundedFetch(bytesMax: number): (url: string, options: object) => Promise<Response> {
  return async (url, options) => {
    const response = await fetch(url, options);
    const { status, statusText, headers } = response;
    const text = await readText(response, bytesMax);
    // Statuses without a body admit none, not even an empty one.
    return new Response(text === "" ? null : text, { status, statusText, headers });
  };
}
