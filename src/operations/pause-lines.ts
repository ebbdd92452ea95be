import type { Pause } from "../db/pauses.ts";
import { unreachable } from "../domain/unreachable.ts";

/** What holds provisioning up, for an operator. */
export function pauseLine({ cause, by, reason, since }: Pause): string {
  switch (cause) {
    case "operator":
      return `provisioning is paused by ${by} since ${since.toISOString()}: ${reason}`;
    case "credential_refused":
      return `provisioning waits since ${since.toISOString()}: Microsoft refuses our own credential`;
    default:
      return unreachable(cause);
  }
}

/** What ends it. */
export function pauseAdvice({ cause }: Pause): string {
  return cause === "operator"
    ? "ms-provision resume --reason …, once the cause is gone"
    : "replace AUTHIO_MS_PROVISION_CLIENT_SECRET on every process; it is tried again, once a minute in the end; ms-provision resume tries at once, and what waits begins by itself";
}
