import { createHash } from "node:crypto";

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

/** True for the SHA-256 (hex) of nothing, or of a word that anybody guesses; `names` are guesses of this place. */
export function isGuessableDigest(digest: string, names: readonly string[] = []): boolean {
  const known = (common ??= digestsOf(["", ...guessable]));
  return known.has(digest.toLowerCase()) || digestsOf(names).has(digest.toLowerCase());
}

let common: ReadonlySet<string> | undefined;
