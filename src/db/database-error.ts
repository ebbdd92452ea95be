/**
 * What leaves `src/db` in place of the driver's errors: Drizzle's message holds the bound values, so it must never
 * travel. Keeps the SQLSTATE (or the socket's code) and the constraint's name; drops message, parameters and cause.
 */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;
  readonly constraint: string | undefined;

  constructor(code: string, constraint: string | undefined) {
    super(`database error ${code}${constraint === undefined ? "" : ` (${constraint})`}`);
    this.code = code;
    this.constraint = constraint;
  }

  /** True when the statement itself is wrong or violates a rule: repeating it cannot help. */
  get isFinal(): boolean {
    return /^(22|23|42)/.test(this.code);
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

function toDatabaseError(error: unknown): DatabaseError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code, constraint_name: constraint } = cause as { code?: unknown; constraint_name?: unknown };
    if (typeof code === "string")
      return new DatabaseError(code, typeof constraint === "string" ? constraint : undefined);
  }
  return new DatabaseError("unknown", undefined);
}
