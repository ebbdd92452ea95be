import { connectionStatuses } from "../../domain/sso-connection.ts";
import { filterHelp, filterOptions, type OperatorOptions, type options, type Shell } from "./options.ts";

type OptionName = keyof typeof options;

export interface Command {
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the options mean, a line each. */
  readonly help: string;
  readonly takes: readonly OptionName[];
  /** How many words it reads beside its options. */
  readonly words: number;
  /** Of the first of them, those that take no other. */
  readonly alone?: readonly string[];
  /** Gives the exit code: 0 done, 1 refused or failed. @throws {TypeError} for a misuse, which is 2 */
  run(ids: readonly string[], given: OperatorOptions, shell: Shell): Promise<number>;
}

const filters = Object.keys(filterOptions) as (keyof typeof filterOptions)[];
const bulk = ["all", "dry-run", "rate", "stop-on-error"] as const;
const reasonHelp = "  --reason TEXT          why; it goes into the audit trail";
const bulkHelp = `${filterHelp}
  --all                  every one that the filters admit, 1000 at most
  --dry-run              show which, change nothing
  --rate N               begin N a second at most (5)
  --stop-on-error        stop at the first refusal`;

/** Every command of `ms-provision` but `init`, which reads its own arguments. Each is loaded when it is called. */
export const commands: Readonly<Record<string, Command>> = {
  doctor: {
    usage: "doctor",
    summary: "checks everything that this needs, and says what to do",
    help: "  Exit code 1 when a check fails. Changes nothing.",
    takes: [],
    words: 0,
    run: async (_ids, given, shell) => (await import("./doctor.ts")).doctor(shell, given),
  },
  list: {
    usage: "list [filters] [--limit N] [--after ID]",
    summary: "provisions, newest first, and what they wait for",
    help: `${filterHelp}
  --limit N              1 to 1000 (50)
  --after ID             the page behind this one`,
    takes: [...filters, "limit", "after"],
    words: 0,
    run: async (...given) => (await import("./list.ts")).list(...given),
  },
  show: {
    usage: "show ID",
    summary: "one provision: click, steps, Microsoft's ids, audit, what to do",
    help: "  ID is mspr_…, as on the customer's page and in list.",
    takes: [],
    words: 1,
    run: async (...given) => (await import("./show.ts")).show(...given),
  },
  retry: {
    usage: "retry ID --reason TEXT | retry --all filters --reason TEXT",
    summary: "puts failed provisions back to work",
    help: `${reasonHelp}
  --access WHO           everyone or assigned, in place of what the customer chose
  --secret-lifetime-days N  1 to 730, where a policy keeps secrets short
${bulkHelp}`,
    takes: [...filters, ...bulk, "reason", "access", "secret-lifetime-days"],
    words: 1,
    run: async (...given) => (await import("./orders.ts")).retry(...given),
  },
  cancel: {
    usage: "cancel ID --reason TEXT | cancel --all filters --reason TEXT",
    summary: "ends open provisions; what they made is removed",
    help: `${reasonHelp}\n${bulkHelp}`,
    takes: [...filters, ...bulk, "reason"],
    words: 1,
    run: async (...given) => (await import("./orders.ts")).cancel(...given),
  },
  connections: {
    usage: "connections [list] | show ID | suspend ID | resume ID | disconnect ID | restore ID | replay",
    summary: "connections of every organization: list, show, suspend, resume, disconnect, restore",
    help: `  list [--organization ID] [--tenant ID] [--status STATUS] [--attention] [--limit N] [--after ID]
                         in the order of their ids; STATUS is ${connectionStatuses.join(", ")};
                         --attention: only those that need attention
  show ID                how it does: sign-ins, refused ones by day and cause, what needs attention
  suspend ID, resume ID  at once; nothing changes at Microsoft
  disconnect ID          at once here; then application and credentials go at Microsoft
  restore ID             within 30 days of that: the same application, a new secret
  --override-owner       resume or restore also what an owner of the organization switched off
  replay --from FILE [--apply]
                         after a restored backup, before the services start: suspends and disconnects what the
                         exported audit trail (jsonl) says was so since; shows it only, without --apply
${reasonHelp}; needed for all but list and a look at replay`,
    takes: [
      "organization",
      "tenant",
      "status",
      "attention",
      "limit",
      "after",
      "from",
      "apply",
      "override-owner",
      "reason",
    ],
    words: 2,
    alone: ["list", "replay"],
    run: async (...given) => (await import("./connections.ts")).connections(...given),
  },
  audit: {
    usage: "audit prune --before MONTH --exported FILE [--apply]",
    summary: "drops months of the audit trail that were exported",
    help: `  --before MONTH         the first month that stays, such as 2026-05; the last three and this one do
  --exported FILE        GET /v1/audit?format=jsonl of an operator; each row of those months must stand there
  --apply                without it, it only looks
${reasonHelp}; needed with --apply
  Only for the owner of the tables: DATABASE_URL of the role that migrates.`,
    takes: ["before", "exported", "apply", "reason"],
    words: 1,
    run: async (...given) => (await import("./audit.ts")).audit(...given),
  },
  pause: {
    usage: "pause --reason TEXT",
    summary: "nothing begins any more, in no directory, until resume",
    help: `${reasonHelp}\n  What is under way ends; approvals are recorded and wait; sign-in goes on.`,
    takes: ["reason"],
    words: 0,
    run: async (...given) => (await import("./pause.ts")).pause(...given),
  },
  resume: {
    usage: "resume --reason TEXT",
    summary: "ends the pause; what waits begins within 15 seconds",
    help: reasonHelp,
    takes: ["reason"],
    words: 0,
    run: async (...given) => (await import("./pause.ts")).resume(...given),
  },
  sweep: {
    usage: "sweep [--tenant ID] [--delete OBJECT_ID | --acknowledge ID] [--reason TEXT]",
    summary: "applications of ours that no connection names; deletes only by name",
    help: `  --tenant ID            of one directory; needed with --delete
  --delete OBJECT_ID     deletes one of those, after checking that it is ours
  --acknowledge ID       says that a person has cleaned up after a provision
${reasonHelp}
  A directory that cannot be looked at is named, the others are looked at; the exit code is 1 then.`,
    takes: ["tenant", "delete", "acknowledge", "reason"],
    words: 0,
    run: async (...given) => (await import("./sweep.ts")).sweep(...given),
  },
  rewrap: {
    usage: "rewrap --reason TEXT",
    summary: "moves every stored secret to the active master key, beside live sign-ins",
    help: `${reasonHelp}
  Needs old and new key in AUTHIO_IMPORT_CREDS_KEY, the new one first, on every process. Stopped halfway, call it again.`,
    takes: ["reason"],
    words: 0,
    run: async (...given) => (await import("./rewrap.ts")).rewrap(...given),
  },
  keys: {
    usage: "keys [list] | keys rotate | keys revoke KID --now",
    summary: "keys that sign what applications get",
    help: `  rotate                 announces new ones; they take over by themselves
  revoke KID --now       ends one at once, after a leak`,
    takes: ["now"],
    words: 2,
    alone: ["list", "rotate"],
    run: async (...given) => (await import("./keys.ts")).keys(...given),
  },
  events: {
    usage: "events tail [--after ID] [--event NAME] [--organization ID]",
    summary: "what happens, as it happens",
    help: `  --after ID             behind this event, evt_…; 0 for all (from now on)
  --event NAME           of one name (webhooks and feed)
  --organization ID      of one organization`,
    takes: ["after", "event", "organization"],
    words: 1,
    run: async (...given) => (await import("./events.ts")).events(...given),
  },
  webhooks: {
    usage: "webhooks [list] | add URL | rotate ID | test ID | replay ID | remove ID",
    summary: "where events are sent to, and how that goes",
    help: `  add URL [--event NAME,…] [--description TEXT]
                         a new endpoint; its secret is shown once
  rotate ID              another secret, shown once; both sign for 24 hours
  remove ID              sends it nothing more
  test ID                sends a test and waits for the answer; switches it on again
  replay ID --delivery ID | --from TIME [--to TIME]
                         sends again`,
    takes: ["event", "description", "delivery", "from", "to"],
    words: 2,
    alone: ["list"],
    run: async (...given) => (await import("./webhooks.ts")).webhooks(...given),
  },
  session: {
    usage: "session [--organization ID] [--role ROLE] [--project ID] [--user ID]",
    summary: "a session for curl, of the simulator's issuer",
    help: "  Nobody else's issuer gives one away.",
    takes: ["organization", "role", "project", "user"],
    words: 0,
    run: async (_ids, given, shell) => (await import("./session.ts")).session(given, shell),
  },
};
