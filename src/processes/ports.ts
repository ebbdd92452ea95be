import type { Telemetry } from "../domain/telemetry.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";

/** What a process works with in place of its usual. */
export interface Ports {
  /** Where the master keys are: by default in the environment. */
  readonly keyWrapping?: KeyWrapping;
  /** Who watches: by default the log of an API or worker process, and nobody at the commands. */
  readonly telemetry?: Telemetry;
}
