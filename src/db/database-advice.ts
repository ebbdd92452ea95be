const advice: readonly (readonly [RegExp, string])[] = [
  [
    /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOST|ENET|ENOENT|CONNECT_TIMEOUT|ETIMEDOUT|no_answer)/,
    "check host and port of DATABASE_URL, and that the server runs",
  ],
  [
    /^(28P01|28000)/,
    "the server does not let this user in: check user, password and sslmode of DATABASE_URL",
  ],
  [/^3D000/, "the database that DATABASE_URL names does not exist: create it"],
  [/^08P01/, "a pooler refuses our settings: add pgbouncer=true to DATABASE_URL"],
  [
    /^ERR_TLS_CERT_ALTNAME/,
    "the server's certificate is for another name than DATABASE_URL has: use that name, or sslmode=verify-ca",
  ],
  [
    /CERT|^UNABLE_TO|ISSUER/,
    "the server's certificate is not trusted: name its authority with sslrootcert in DATABASE_URL",
  ],
  [/^(ERR_SSL|ECONNRESET|EPROTO)/, "the server ends the connection: check port and sslmode of DATABASE_URL"],
  [/^25006/, "the server takes no writes: have DATABASE_URL lead to the primary"],
  [/^3F000/, "the role's search path leads nowhere: add schema=public to DATABASE_URL"],
  [
    /^42501/,
    "the role lacks a right: migrate as the tables' owner, and see the grants in docs/operations.md",
  ],
  [/^42(P01|703)/, "a table or column is missing: run npm run migrate"],
  [/^53/, "the server is short of connections, memory or disk"],
];

/** What whoever runs the service can do about an error of the database; undefined where nothing special is known. */
export function adviceFor(code: string): string | undefined {
  return advice.find(([pattern]) => pattern.test(code))?.[1];
}
