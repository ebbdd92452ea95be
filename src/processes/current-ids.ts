import { AsyncLocalStorage } from "node:async_hooks";
import type { LogFields } from "../domain/logger.ts";

const storage = new AsyncLocalStorage<LogFields>();

/** Ids of the request or step that is being worked on here: each log line within it carries them. */
export function currentIds(): LogFields {
  return storage.getStore() ?? {};
}

/** Does work under these ids, and those that hold already. */
export function withIds<T>(ids: LogFields, work: () => T): T {
  return storage.run({ ...currentIds(), ...ids }, work);
}
