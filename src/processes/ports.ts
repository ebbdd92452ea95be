import type { KeyTimes } from "../db/signing-keys.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { Tracing } from "../domain/tracing.ts";
import type { ResolveHost } from "../domain/webhooks.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";

/** What a process works with in place of its usual. */
export interface Ports {
  /** Where the master keys are: by default in the environment. */
  readonly keyWrapping?: KeyWrapping;
  /** Looks up the hosts of webhooks: by default at the DNS servers of the system. */
  readonly resolveHost?: ResolveHost;
  /** How long signing keys stay in each state, and by which clock they are read again: by default in real time. */
  readonly signingKeyPace?: { readonly times: KeyTimes; readonly now: () => number };
  /** Who watches: by default the log of an API or worker process, and nobody at the commands. */
  readonly telemetry?: Telemetry;
  /** Carries traces on to where the work goes on: by default nothing does. */
  readonly tracing?: Tracing;
}
