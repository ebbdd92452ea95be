import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { parseConnectionId } from "../../domain/parse-ids.ts";
import { decidedBy, statusAfter, type StatusChange } from "../../domain/status-change.ts";
import { digestOf } from "../../operations/prune-audit.ts";

/** A line of `GET /v1/audit?format=jsonl`, as far as it is read here. */
const lineSchema = z.object({
  id: z.string().regex(/^aud_\d{1,15}$/),
  at: z.iso.datetime(),
  action: z.string(),
  actor_type: z.string(),
  actor_id: z.string().nullable(),
  connection_id: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
type Line = z.infer<typeof lineSchema>;

/** What an export says of connections' statuses. @throws {TypeError} naming the line that is none of an export's */
export async function readStatusChanges(file: string): Promise<StatusChange[]> {
  const changes: StatusChange[] = [];
  await eachLine(file, (line) => {
    const change = statusChangeOf(line);
    if (change) changes.push(change);
  });
  return changes;
}

/** What an export's rows are known by. @throws {TypeError} naming the line that is none of an export's */
export async function readDigests(file: string): Promise<Set<string>> {
  const digests = new Set<string>();
  await eachLine(file, (_line, whole) => void digests.add(digestOf(whole)));
  return digests;
}

async function eachLine(file: string, take: (line: Line, whole: unknown) => void): Promise<void> {
  let number = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      if (text.trim() === "") continue;
      const whole = parse(text);
      const line = lineSchema.safeParse(whole);
      if (!line.success)
        throw new TypeError(
          `line ${number} is none of an audit export; get one with GET /v1/audit?format=jsonl and an operator token`,
        );
      take(line.data, whole);
    }
  } catch (error) {
    if (error instanceof TypeError) throw error;
    throw new TypeError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function statusChangeOf({ id, at, action, connection_id, detail, ...line }: Line): StatusChange | undefined {
  const status = statusAfter(action, detail);
  const connectionId = parseConnectionId(connection_id ?? "");
  if (status === undefined || connectionId === undefined) return undefined;
  const auditId = Number(id.slice("aud_".length));
  const by = decidedBy(line.actor_type === "user" ? `user:${line.actor_id}` : "system", detail);
  return { auditId, at: new Date(at), connectionId, status, by };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
