import type { OperatorOptions, Shell } from "./options.ts";

const defaultIssuer = "http://127.0.0.1:3001/identity";
const timeoutMs = 5000;

/** Prints a session JWT of the simulator's issuer, for curl. Nobody else's issuer gives one away. */
export async function session(options: OperatorOptions, shell: Shell): Promise<number> {
  const issuer = shell.environment["AUTHIO_SESSION_ISSUER"] ?? defaultIssuer;
  const { organization: org, role, project, user } = options;
  const answer = await fetch(`${issuer}/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ org, role, project, user }),
    signal: AbortSignal.timeout(timeoutMs),
    redirect: "error",
  }).catch(() => undefined);
  const read = (await answer?.json().catch(() => undefined)) as { token?: unknown } | null | undefined;
  if (!answer?.ok || typeof read?.token !== "string")
    throw new TypeError(
      `no session issuer for development answers at ${issuer}; start one with npm start, or with: node dist/cli/main.js simulator`,
    );
  shell.print(options.json ? JSON.stringify({ token: read.token }) : read.token);
  return 0;
}
