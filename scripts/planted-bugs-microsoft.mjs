/** Bugs in how Microsoft's answers are read: errors, keys, claims. */
const e2e = (file, title) => ["--project", "e2e", `test/e2e/${file}.test.ts`, "-t", title];

export const microsoftBugs = [
  {
    name: "the word of an error decides before its number",
    file: "src/entra/judge-answer.ts",
    find: "  if (!known) return byWord;\n",
    plant: "  if (byWord.code) return byWord;\n",
    tests: e2e("microsoft-answers", "the silent hop"),
  },
  {
    name: "a key that is not published yet is a forged token",
    file: "src/entra/judge-answer.ts",
    find: 'return { kind: "new_code", code: unavailable, microsoft, retryAfterMs: askedMs };',
    plant: 'return { kind: "final", code: invalid, microsoft, retryAfterMs: askedMs };',
    tests: e2e("microsoft-answers", "a key that stays unpublished"),
  },
  {
    name: "an empty bucket of key fetches refuses sessions",
    file: "src/api/session/session-tokens.ts",
    find: 'throw new CodedError("service_unavailable", undefined, { retryAfterMs: found.retryAfterMs });',
    plant: 'throw new CodedError("no_session", undefined, { retryAfterMs: found.retryAfterMs });',
    tests: ["--project", "unit", "test/unit/api/session-tokens.test.ts"],
  },
  {
    name: "an odd acct counts as 0",
    file: "src/entra/token-claims.ts",
    find: 'if (acct === 0 || acct === "0")',
    plant: "if (Number(acct) === 0)",
    tests: e2e("microsoft-answers", "the claims of the proof"),
  },
];
