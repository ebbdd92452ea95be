import type { AadstsCode } from "./aadsts-code.ts";
import { aadstsCodes } from "./aadsts-codes.ts";
import type { ErrorFacts } from "./error-codes.ts";
import { graphCodes } from "./microsoft-codes.ts";

const actors: Readonly<Record<ErrorFacts["who"], string>> = {
  you: "the person",
  entra_admin: "their Entra administrator",
  authio: "Authio",
  operator: "the operator",
  wait: "nobody, it passes",
};

/** The text of docs/errors.md; a test compares it with the file. */
export function errorsDocument(codes: Readonly<Record<string, ErrorFacts>>): string {
  const rows = Object.entries(codes).map(
    ([code, facts]) =>
      `| \`${code}\` | ${facts.httpStatus} | ${retryText(facts.retryForMs)} | ${actors[facts.who]} | ${facts.title}. ${facts.detail} | ${facts.action} |`,
  );
  return `# Error codes

One word per failure: \`code\` in the API, \`error\` in the return URL, the failure's type in Temporal, a log field.
Made from \`src/domain/error-codes.ts\` by \`npm run docs:errors\`; a test compares the two.

| code | HTTP | retried for | who acts | what happened | next step |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

## Codes of Microsoft's

Which of ours each of Microsoft's codes is, by where it turns up. An unknown one falls back to the OAuth error or the
HTTP status, so it always ends in one of ours. Made from \`src/domain/aadsts-codes.ts\` and
\`src/domain/microsoft-codes.ts\`.

| Microsoft's code | what it means | at the approval | in a run | at sign-in |
| --- | --- | --- | --- | --- |
${microsoftRows().join("\n")}
`;
}

function microsoftRows(): string[] {
  const row = (name: string, { meaning, consent, run, signIn }: AadstsCode): string =>
    `| \`${name}\` | ${meaning} | ${[consent, run, signIn].map((code) => (code ? `\`${code}\`` : "–")).join(" | ")} |`;
  return [
    ...Object.entries(aadstsCodes).map(([number, code]) => row(`AADSTS${number}`, code)),
    ...Object.entries(graphCodes).map(([name, code]) => row(name, code)),
  ];
}

function retryText(ms: number): string {
  if (ms === 0) return "–";
  if (ms === Number.POSITIVE_INFINITY) return "until mended";
  return ms >= 3_600_000 ? `${ms / 3_600_000} h` : `${ms / 60_000} min`;
}
