/**
 * What leaves `src/db` in place of the driver's errors: Drizzle's message holds the bound values, so it must never
 * travel. Keeps the SQLSTATE (or the socket's code) and the constraint's name; drops message, parameters and cause.
 */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** SQLSTATE, the socket's or TLS' code, `no_answer`, or `no_place` when a transaction found none in time. */
  readonly code: string;
  readonly constraint: string | undefined;

  constructor(code: string, constraint: string | undefined) {
    super(`database error ${code}${constraint === undefined ? "" : ` (${constraint})`}`);
    this.code = code;
    this.constraint = constraint;
  }

  /**
   * True when the data itself breaks a rule (classes 22 and 23): repeating cannot help. A right, a table, a column or
   * space that is missing comes back, so those delay.
   */
  get isFinal(): boolean {
    return /^2[23]...$/.test(this.code);
  }

  /** True when the server answers and refuses, so that somebody has to set it right: no outage that ends by itself. */
  get isRefusal(): boolean {
    return /^((0A|28|3D|3F|42|53|54|55|58|F0|XX)...|25006|57014|unknown)$/.test(this.code);
  }

  /** True when nothing was done, since another transaction was in the way. */
  get isConflict(): boolean {
    return this.code === "40001" || this.code === "40P01";
  }

  /**
   * True when the server behind the connection is the wrong one by now: it takes no writes any more (25006), is going
   * down (57P0x) or does not answer. A new connection may lead elsewhere.
   */
  get isStaleServer(): boolean {
    return /^(25006|57P0.|no_answer)$/.test(this.code);
  }

  /** True when a connection that was there is not any more. */
  get isCut(): boolean {
    return /^(CONNECTION_|ECONNRESET|EPIPE|ETIMEDOUT)/.test(this.code);
  }

  /** True when the connection was lost, or never came about. */
  get isLoss(): boolean {
    return /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ENOENT|08|25P0[34]|57P0)/.test(
      this.code,
    );
  }
}

/** Runs a query and turns whatever it throws into a `DatabaseError`; errors of our own pass through. */
export async function withoutDriverErrors<T>(
  query: () => Promise<T>,
  isOurs: (error: unknown) => boolean,
): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof DatabaseError || isOurs(error)) throw error;
    throw toDatabaseError(error);
  }
}

/** Drizzle wraps the driver's error. */
export function toDatabaseError(error: unknown): DatabaseError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DatabaseError) return cause;
    const { code, constraint_name: constraint } = cause as { code?: unknown; constraint_name?: unknown };
    if (typeof code === "string")
      return new DatabaseError(code, typeof constraint === "string" ? constraint : undefined);
  }
  return new DatabaseError("unknown", undefined);
}
