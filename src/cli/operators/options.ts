import { requestStatuses } from "../../domain/provision-request.ts";

export const filterOptions = {
  status: { type: "string" },
  organization: { type: "string" },
  tenant: { type: "string" },
  code: { type: "string" },
  since: { type: "string" },
} as const;

export const filterHelp = `  --status STATUS        ${requestStatuses.join(", ")}, or needs_operator
  --organization ID      of one organization
  --tenant ID            of one directory
  --code CODE            that ended with this code (docs/errors.md)
  --since TIME           begun then or later: 30m, 24h, 7d, or a date`;

/** Where a command is given: what it reads besides its arguments, and where its lines go. */
export interface Shell {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  /** Ends what would go on; without it, Ctrl-C ends the process. */
  readonly signal?: AbortSignal;
  /** Of `npm start`, for `--stack`; `.data` by default. */
  readonly dataFolder?: string;
}

/** What the commands take, `node:util`'s way; `commands.ts` says which command takes which. */
export const options = {
  ...filterOptions,
  help: { type: "boolean" },
  stack: { type: "boolean" },
  limit: { type: "string" },
  after: { type: "string" },
  attention: { type: "boolean" },
  all: { type: "boolean" },
  "dry-run": { type: "boolean" },
  rate: { type: "string" },
  "stop-on-error": { type: "boolean" },
  reason: { type: "string" },
  access: { type: "string" },
  "secret-lifetime-days": { type: "string" },
  delete: { type: "string" },
  acknowledge: { type: "string" },
  role: { type: "string" },
  project: { type: "string" },
  user: { type: "string" },
  json: { type: "boolean" },
  now: { type: "boolean" },
  "override-owner": { type: "boolean" },
  event: { type: "string" },
  description: { type: "string" },
  delivery: { type: "string" },
  apply: { type: "boolean" },
  before: { type: "string" },
  exported: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
} as const;

type Options = typeof options;
export type OperatorOptions = {
  readonly [K in keyof Options]?: Options[K]["type"] extends "boolean" ? boolean : string;
};
