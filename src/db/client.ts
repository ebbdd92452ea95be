import { CodedError } from "../domain/coded-error.ts";
import type { PostgresTarget } from "../domain/postgres-target.ts";
import { type ClientOptions, type Clients, openClients } from "./clients.ts";
import { DatabaseError, withoutDriverErrors } from "./database-error.ts";
import { advisoryLock } from "./advisory-lock.ts";
import { noTracing } from "../domain/tracing.ts";
import { withDeadline } from "./deadline.ts";
import type { Queries } from "./queries.ts";
import { targetOf } from "./target.ts";

/** The one door to Postgres. Everything that passes it throws `DatabaseError` or a `CodedError`, nothing else. */
export interface Database {
  /** Runs statements outside a transaction; behind a pooler, in one. */
  run<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * Runs statements in one transaction; whatever `work` throws rolls it back. `lock` names an advisory lock that it
   * takes first, in the same round trip as BEGIN, and holds to its end.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>, lock?: string): Promise<T>;
  /** Closes the pool; waits up to 5 s for what is running. */
  close(): Promise<void>;
}

/** Covers what `statement_timeout` cannot: a server that no longer answers at all. */
const answerTimeoutMs = 10_000;
const unhurriedMs = 24 * 60 * 60_000;
/** A transaction that lost to another one is run again at once. */
const conflictsMax = 3;

/**
 * Opens a pool. Connects on first use, so it succeeds while Postgres is away. When the server turns out to be the wrong
 * one (demoted, going down, silent) or a connection was cut, all of them are dropped, and the next call connects anew: to
 * wherever the name leads by then, or to the next of several hosts.
 */
export function openDatabase(url: PostgresTarget | string, options: ClientOptions = {}): Database {
  const target = targetOf(url);
  const closing = new Set<Promise<void>>();
  let next = 0;
  const open = (): Clients => {
    const host = target.hosts[next % target.hosts.length];
    next += 1;
    return openClients(target, host ?? { kind: "tcp" }, options);
  };
  let current = open();
  const replace = (clients: Clients): void => {
    if (clients !== current) return;
    current = open();
    const closed = clients.close().catch(() => undefined);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };

  /** Of several hosts, one that takes writes. @throws {DatabaseError} of the last one that was asked */
  async function writable(): Promise<Clients> {
    if (target.sessionAttributes === undefined) return current;
    for (let asked = 1; ; asked += 1) {
      const clients = current;
      try {
        await clients.probe();
        return clients;
      } catch (error) {
        replace(clients);
        if (asked >= target.hosts.length) throw error;
      }
    }
  }

  async function attempt<T>(use: (clients: Clients, signal: AbortSignal) => Promise<T>): Promise<T> {
    const clients = await writable();
    try {
      return await withoutDriverErrors(
        () =>
          withDeadline((signal) => use(clients, signal), options.isUnhurried ? unhurriedMs : answerTimeoutMs),
        (error) => error instanceof CodedError,
      );
    } catch (error) {
      // Cuts come together, and the driver (postgres 3.4) says nothing on what it opens in place of a connection that a
      // query was put on in the moment of its cut: the next query there would wait for the whole time of a connect.
      const isWrong =
        error instanceof DatabaseError &&
        (error.isStaleServer || error.isCut || (error.isLoss && target.hosts.length > 1));
      if (isWrong) replace(clients);
      throw error;
    }
  }

  async function guarded<T>(use: (clients: Clients, signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        return await attempt(use);
      } catch (error) {
        if (!(error instanceof DatabaseError && error.isConflict) || conflicts >= conflictsMax) throw error;
      }
    }
  }

  const { database } = options.tracing ?? noTracing;
  return {
    run: (work) => database(() => guarded((clients, signal) => clients.run(work, signal))),
    transaction: (work, lock) => {
      const opening = lock === undefined ? undefined : advisoryLock(lock);
      return database(() => guarded((clients, signal) => clients.transaction(work, signal, opening)));
    },
    async close() {
      await Promise.all([current.close(), ...closing]);
    },
  };
}
