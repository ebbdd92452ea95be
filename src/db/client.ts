import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { CodedError } from "../domain/coded-error.ts";
import { DatabaseError, withoutDriverErrors } from "./database-error.ts";
import { openTransactions } from "./transactions.ts";

export type Queries = Pick<
  ReturnType<typeof drizzle>,
  "select" | "selectDistinctOn" | "insert" | "update" | "execute"
>;

/** The one door to Postgres. Everything that passes it throws `DatabaseError` or a `CodedError`, nothing else. */
export interface Database {
  /** Runs statements outside a transaction. */
  run<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Runs statements in one transaction; whatever `work` throws rolls it back. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Answers when Postgres does. */
  ping(): Promise<void>;
  /** Closes the pool; waits up to 5 s for what is running. */
  close(): Promise<void>;
}

const statementTimeoutMs = 8_000;
/** A process that sleeps in a transaction loses its locks, sooner than a statement that waits for them gives up. */
const sleepingTransactionMs = 5_000;
/** Covers what `statement_timeout` cannot: a server that no longer answers at all. */
const answerTimeoutMs = 10_000;

/** Opens a pool. Connects on first use, so it succeeds while Postgres is away. */
export function openDatabase(url: string, options: { poolMax?: number } = {}): Database {
  const settings = {
    connect_timeout: 3,
    idle_timeout: 60,
    // An outage must be felt as an error at once; callers decide about retries.
    backoff: () => 0.1,
    onnotice: () => {},
    connection: {
      application_name: "authio-ms-provision",
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: sleepingTransactionMs,
      // A host that is gone is noticed in about as long; the default is two hours, with its locks held.
      tcp_keepalives_idle: 2,
      tcp_keepalives_interval: 1,
      tcp_keepalives_count: 3,
    },
  };
  const sql = postgres(url, { ...settings, max: options.poolMax ?? 10 });
  const transactions = openTransactions(url, settings);
  const db = drizzle(sql);
  const guarded = <T>(query: () => Promise<T>): Promise<T> =>
    withoutDriverErrors(
      () => withDeadline(query()),
      (error) => error instanceof CodedError,
    );
  return {
    run: (work) => guarded(() => work(db)),
    transaction: (work) => guarded(() => transactions.run(work)),
    ping: () => guarded(async () => void (await sql`select 1`)),
    close: async () => {
      await Promise.all([sql.end({ timeout: 5 }), transactions.close()]);
    },
  };
}

async function withDeadline<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DatabaseError("no_answer", undefined)), answerTimeoutMs);
  });
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
