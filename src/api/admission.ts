import { CodedError } from "../domain/coded-error.ts";
import { createPace, type PaceLimits } from "./pace.ts";

/**
 * Lets a few pieces of work in at once and has the others wait in a line with an end, so that a flood costs no more than
 * its refusals. Of one process. Keys take turns: one that floods waits behind itself, at a pace.
 */
export interface Admission {
  /** @throws {CodedError} service_unavailable when the line is full or the turn did not come; nothing was done then */
  enter<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export interface AdmissionLimits {
  readonly running: number;
  readonly runningOfKey: number;
  readonly waiting: number;
  readonly waitingOfKey: number;
  /** For a turn. */
  readonly waitMs: number;
  readonly paceOfKey: PaceLimits;
}

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

const busyRetryMs = 2000;
const isBusy = (): CodedError =>
  new CodedError("service_unavailable", "too many at once", { retryAfterMs: busyRetryMs });

export function createAdmission(limits: AdmissionLimits): Admission {
  const pace = createPace(limits.paceOfKey);
  /** In the order of their turns: whoever was let in goes to the end. */
  const lines = new Map<string, Line>();
  let [running, waiting] = [0, 0];

  function start(key: string, line: Line): void {
    line.running += 1;
    running += 1;
    lines.delete(key);
    lines.set(key, line);
  }

  /** Of those who wait, whoever has least under way; else whoever's turn was longest ago. */
  function next(): [string, Line] | undefined {
    let first: [string, Line] | undefined;
    for (const [key, line] of lines)
      if (line.waiting.length > 0 && line.running < (first?.[1].running ?? limits.runningOfKey))
        first = [key, line];
    return first;
  }

  function letIn(): void {
    while (running < limits.running) {
      const [key, line] = next() ?? [];
      const go = line?.waiting.shift();
      if (key === undefined || !line || !go) return;
      waiting -= 1;
      start(key, line);
      go();
    }
  }

  function leave(key: string, line: Line): void {
    line.running -= 1;
    running -= 1;
    forgetEmpty(key, line);
    letIn();
  }

  function forgetEmpty(key: string, line: Line): void {
    if (line.running === 0 && line.waiting.length === 0) lines.delete(key);
  }

  function awaitTurn(key: string, line: Line): Promise<void> {
    if (waiting >= limits.waiting || line.waiting.length >= limits.waitingOfKey) throw isBusy();
    lines.set(key, line);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        line.waiting.splice(line.waiting.indexOf(go), 1);
        waiting -= 1;
        forgetEmpty(key, line);
        reject(isBusy());
      }, limits.waitMs);
      const go = (): void => {
        clearTimeout(timer);
        resolve();
      };
      line.waiting.push(go);
      waiting += 1;
    });
  }

  return {
    async enter(key, work) {
      if (!(await pace(key))) throw isBusy();
      const line = lines.get(key) ?? { running: 0, waiting: [] };
      const isFree = running < limits.running && line.running < limits.runningOfKey;
      if (isFree) start(key, line);
      else await awaitTurn(key, line);
      try {
        return await work();
      } finally {
        leave(key, line);
      }
    },
  };
}
