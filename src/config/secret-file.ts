import { readFileSync, statSync } from "node:fs";
import { monotonicMs } from "../domain/monotonic-ms.ts";

/** How often the file is looked at, at most. */
const lookEveryMs = 1000;

/**
 * What a file holds, read again when the file has changed, so that a secret is replaced without a restart. A file that
 * is away, empty or unreadable for a moment, as while somebody replaces it, leaves the last good text in use.
 * @param first what it held at the start
 */
export function secretFile(path: string, first: string, now: () => number = monotonicMs): () => string {
  let text = first;
  let version = versionOf(path);
  let lookedMs = now();
  return () => {
    if (now() - lookedMs < lookEveryMs) return text;
    lookedMs = now();
    const found = versionOf(path);
    if (found === undefined || found === version) return text;
    const content = contentOf(path);
    if (content === undefined) return text;
    [text, version] = [content, found];
    return text;
  };
}

/** Changes with the content; mounted secrets are links that are turned to another file. */
function versionOf(path: string): string | undefined {
  try {
    const { mtimeMs, ino, size } = statSync(path);
    return `${mtimeMs} ${ino} ${size}`;
  } catch {
    return undefined;
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
