import type { Context } from "hono";
import type { z } from "zod";
import { type AuditWish, readAudit } from "../../db/audit-trail.ts";
import type { Database } from "../../db/client.ts";
import {
  auditCsvHeader,
  auditCsvLine,
  type AuditEntry,
  auditEntry,
  type AuditReader,
} from "../../domain/audit-entry.ts";
import type { AppEnv } from "../app-env.ts";
import type { auditListSchema, auditQuery } from "./audit.schema.ts";

const exportPage = 500;

type Query = z.output<z.ZodObject<typeof auditQuery>>;

/**
 * A page as JSON, newest first; or the whole wish as an export, oldest first, a page of rows in memory at a time. An
 * export that fails halfway breaks the connection off, so that nobody takes it for whole.
 */
export async function answerAudit(
  c: Context<AppEnv>,
  database: Database,
  asked: { readonly wish: AuditWish; readonly query: Query; readonly reader: AuditReader },
): Promise<Response> {
  const { wish, query, reader } = asked;
  if (query.format !== "json") {
    const writes = formats[query.format];
    // The first page is read before anything is answered: what fails then is a problem like any other.
    const pages = exportPages(database, wish, reader);
    const first = await pages.next();
    return c.body(streamOf(writes, first, pages), 200, {
      "content-type": writes.contentType,
      "content-disposition": `attachment; filename="audit.${query.format}"`,
    });
  }
  const rows = await readAudit(database, wish, {
    order: "newest",
    after: query.after,
    limit: query.limit + 1,
  });
  const data = rows.slice(0, query.limit).map((row) => auditEntry(row, reader));
  const body: z.input<typeof auditListSchema> = {
    data,
    list_metadata: { after: rows.length > query.limit ? (data.at(-1)?.id ?? null) : null },
  };
  return c.json(body);
}

interface Format {
  readonly contentType: string;
  readonly header: string;
  readonly line: (entry: AuditEntry) => string;
}

const formats: Readonly<Record<"jsonl" | "csv", Format>> = {
  jsonl: {
    contentType: "application/jsonl",
    header: "",
    line: (entry) => `${JSON.stringify(entry)}\n`,
  },
  csv: { contentType: "text/csv; charset=utf-8", header: auditCsvHeader, line: auditCsvLine },
};

type Pages = AsyncGenerator<AuditEntry[], void>;

async function* exportPages(database: Database, wish: AuditWish, reader: AuditReader): Pages {
  for (let after: number | undefined = undefined; ;) {
    const rows = await readAudit(database, wish, { order: "oldest", after, limit: exportPage });
    yield rows.map((row) => auditEntry(row, reader));
    after = rows.at(-1)?.id;
    if (rows.length < exportPage) return;
  }
}

/** Reads a page when the reader has taken the one before. */
function streamOf(
  { header, line }: Format,
  first: Awaited<ReturnType<Pages["next"]>>,
  pages: Pages,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const textOf = (entries: readonly AuditEntry[]): Uint8Array => encoder.encode(entries.map(line).join(""));
  return new ReadableStream({
    start(controller) {
      if (header !== "") controller.enqueue(encoder.encode(header));
      if (!first.done) controller.enqueue(textOf(first.value));
    },
    async pull(controller) {
      const { done, value } = await pages.next();
      if (done) controller.close();
      else controller.enqueue(textOf(value));
    },
    async cancel() {
      await pages.return();
    },
  });
}
