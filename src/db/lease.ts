import { sql } from "drizzle-orm";

/** Extended while its holder lives; a holder that died frees what it held after this. */
const leaseSeconds = 6;
const extendEveryMs = 2000;
export const leaseEnd = sql`now() + make_interval(secs => ${leaseSeconds})`;

/** Does `work` under a lease that was taken, and extends it until the work is done. */
export async function keepLease<T>(extend: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  // One that cannot be extended lapses: another may then take it.
  const extending = setInterval(() => void extend().catch(() => undefined), extendEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(extending);
  }
}
