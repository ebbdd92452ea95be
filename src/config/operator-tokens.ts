import type { OperatorToken } from "./config.ts";
import type { Environment } from "./environment.ts";
import { isGuessableDigest } from "./weak-digests.ts";

const variable = "AUTHIO_OPERATOR_TOKENS";
/** Gives a digest of nothing where it is copied in parts: the empty text is among those that are refused. */
const recipe =
  'make one with: TOKEN=$(openssl rand -hex 32); echo "token $TOKEN"; printf %s "$TOKEN" | sha256sum';

/**
 * `name:sha256-hex` pairs: names that the audit trail tells apart, and digests of tokens that nobody can guess. What is
 * weak in other ways is refused when it is sent, by its length.
 */
export function readOperatorTokens(env: Environment): OperatorToken[] {
  const entries = env.list(variable).map((entry) => /^([\w.@-]{1,64}):([0-9a-f]{64})$/i.exec(entry));
  if (entries.includes(null))
    env.problem(variable, `must hold name:sha256 pairs, comma-separated; ${recipe}`);
  const tokens = entries.flatMap((match) =>
    match ? [{ name: match[1] ?? "", digest: (match[2] ?? "").toLowerCase() }] : [],
  );
  if (tokens.length > 0) {
    const names = tokens.map(({ name }) => name);
    if (tokens.some(({ digest }) => isGuessableDigest(digest, names)))
      env.problem(variable, `holds the digest of nothing, or of a word that anybody guesses; ${recipe}`);
  }
  if (new Set(tokens.map(({ digest }) => digest)).size < tokens.length)
    env.problem(variable, "holds one digest twice; give each operator a token of their own");
  if (new Set(tokens.map(({ name }) => name.toLowerCase())).size < tokens.length)
    env.problem(variable, "holds one name twice; the audit trail could not tell the two apart");
  return tokens.map(({ name, digest }) => ({ name, sha256: Buffer.from(digest, "hex") }));
}
