import { parseArgs } from "node:util";
import { CodedError } from "../domain/coded-error.ts";
import { factsOf } from "../domain/error-codes.ts";
import { doctor } from "./operators/doctor.ts";
import { keys } from "./operators/keys.ts";
import { cancel, list, retry, show } from "./operators/requests.ts";
import { session } from "./operators/session.ts";
import { sweep } from "./operators/sweep.ts";
import { options, type Shell } from "./operators/tools.ts";

const usage = `Usage: npm run ms-provision -- <command>

  doctor                               checks configuration, Postgres, Temporal and Microsoft
  list [--org ORG] [--status STATUS]   the newest 50 requests
  show ID                              one request with its steps and what to do
  retry ID --reason TEXT [--access everyone|assigned] [--secret-lifetime-days N]
  cancel ID --reason TEXT              ends an open request; what it made is removed
  sweep [--tenant TENANT]              lists applications of ours that no connection names
  sweep --tenant TENANT --delete OBJECT_ID --reason TEXT
                                       deletes one of those, after checking that it is ours
  sweep --acknowledge ID --reason TEXT says that a person has cleaned up after a request
  keys [list] [--json]                 keys that sign what applications get, and their states
  keys rotate                          announces new ones; they take over by themselves
  keys revoke KID --now                ends one at once, after a leak
  session [--org ORG] [--role ROLE] [--project PROJECT] [--user USER]
                                       a session for curl, of the simulator's issuer`;

/** The operators' commands. Returns the exit code: 0 done, 1 refused or failed, 2 misused. */
export async function msProvision(args: readonly string[], shell: Shell): Promise<number> {
  try {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [command, id] = positionals;
    switch (command) {
      case "doctor":
        return await doctor(shell);
      case "list":
        return await list(values, shell);
      case "show":
        return await show(id, shell);
      case "retry":
        return await retry(id, values, shell);
      case "cancel":
        return await cancel(id, values, shell);
      case "sweep":
        return await sweep(values, shell);
      case "keys":
        return await keys(positionals.slice(1), values, shell);
      case "session":
        return await session(values, shell);
      default:
        shell.print(usage);
        return 2;
    }
  } catch (error) {
    if (!(error instanceof CodedError) && !(error instanceof TypeError)) throw error;
    shell.print(
      error instanceof CodedError
        ? `${error.code}: ${error.message}. ${factsOf(error.code).action}`
        : error.message,
    );
    return error instanceof CodedError ? 1 : 2;
  }
}
