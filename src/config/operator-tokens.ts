import { createHash } from "node:crypto";
import type { OperatorToken } from "./config.ts";
import type { Environment } from "./environment.ts";

const variable = "AUTHIO_OPERATOR_TOKENS";
/** Gives a digest of nothing where it is copied in parts: the empty text is among those that are refused. */
const recipe =
  'make one with: TOKEN=$(openssl rand -hex 32); echo "token $TOKEN"; printf %s "$TOKEN" | sha256sum';

/** Words of hints and examples, and first guesses. */
const guessable =
  `token secret password passwd pass bearer operator admin administrator root user test testing tester
  example sample demo default changeme change-me change_me letmein welcome qwerty abc123 foo bar baz foobar none null
  undefined nil true false yes no hello authio microsoft ms-provision x xx xxx xxxx ... … t your-token your_token yourtoken
  my-token my_token mytoken the-token operator-token operator_token api-token api_token api-key api_key apikey
  access-token access_token test-token random random-token 0 1 12 123 1234 12345 123456 1234567 12345678 123456789
  1234567890 0123456789 0123456789abcdef`.split(/\s+/);
const around = (word: string): string[] => [
  word,
  `$${word}`,
  `\${${word}}`,
  `<${word}>`,
  `{${word}}`,
  `"${word}"`,
  `'${word}'`,
  `Bearer ${word}`,
];
/** `echo` ends its line, and so do files. */
const ends = ["", "\n", "\r\n", " ", "\r", "\0"];
const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function digestsOf(words: readonly string[]): Set<string> {
  const spellings = words.flatMap((word) => [
    word,
    word.toUpperCase(),
    word.charAt(0).toUpperCase() + word.slice(1),
  ]);
  return new Set(spellings.flatMap(around).flatMap((text) => ends.map((end) => digestOf(text + end))));
}

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
    const weak = digestsOf(["", ...guessable, ...tokens.map(({ name }) => name)]);
    if (tokens.some(({ digest }) => weak.has(digest)))
      env.problem(variable, `holds the digest of nothing, or of a word that anybody guesses; ${recipe}`);
  }
  if (new Set(tokens.map(({ digest }) => digest)).size < tokens.length)
    env.problem(variable, "holds one digest twice; give each operator a token of their own");
  if (new Set(tokens.map(({ name }) => name.toLowerCase())).size < tokens.length)
    env.problem(variable, "holds one name twice; the audit trail could not tell the two apart");
  return tokens.map(({ name, digest }) => ({ name, sha256: Buffer.from(digest, "hex") }));
}
