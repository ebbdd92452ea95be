import type postgres from "postgres";

/**
 * The client as Drizzle takes it, with each statement parsed once a session: Drizzle asks the driver not to, and the
 * driver then describes a statement with parameters first, a round trip more each time. Nothing is prepared where the
 * client's own options say so.
 * @param tell hears each statement, without its values
 */
export function preparing(
  client: Pick<postgres.Sql, "options" | "unsafe">,
  tell?: (statement: string) => void,
): postgres.Sql {
  const unsafe: postgres.Sql["unsafe"] = (text, values, options) => {
    tell?.(text);
    return client.unsafe(text, values, { ...options, prepare: true });
  };
  return { options: client.options, unsafe } as unknown as postgres.Sql;
}
