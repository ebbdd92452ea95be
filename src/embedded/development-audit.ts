import type { AuditView } from "../dashboard/audit-page.ts";
import type { AuditEntry } from "../domain/audit-entry.ts";
import { readGivenTime } from "../domain/given-time.ts";

type Call = (path: string) => Promise<Response>;

const dayShape = /^\d{4}-\d{2}-\d{2}$/;

/** What the audit page shows, read by the public API. Undefined without a session. */
export async function readAuditView(
  auditPath: string,
  given: Readonly<Record<string, string>>,
  call: Call,
): Promise<Pick<AuditView, "from" | "to" | "entries" | "olderUrl" | "exportUrl"> | undefined> {
  const [from, to] = [dayOf(given["from"]), dayOf(given["to"])];
  const wish = new URLSearchParams({
    ...(from === "" ? {} : { from }),
    ...(to === "" ? {} : { to: nextDay(to) }),
  });
  const exportUrl = `${auditPath}?${wish.toString()}`;
  const page = new URLSearchParams({
    ...Object.fromEntries(wish),
    limit: "50",
    ...(given["after"] === undefined ? {} : { after: given["after"] }),
  });
  const answer = await call(`${auditPath}?${page.toString()}`);
  if (answer.status === 401) return undefined;
  if (!answer.ok) return { from, to, entries: undefined, olderUrl: undefined, exportUrl };
  const { data, list_metadata: list } = (await answer.json()) as {
    data: AuditEntry[];
    list_metadata: { after: string | null };
  };
  const older = list.after === null ? undefined : new URLSearchParams({ from, to, after: list.after });
  return { from, to, entries: data, olderUrl: older && `/audit?${older.toString()}`, exportUrl };
}

function dayOf(text: string | undefined): string {
  return text !== undefined && dayShape.test(text) && readGivenTime(text) ? text : "";
}

/** The API's end does not count in, a reviewer's last day does. */
function nextDay(day: string): string {
  return new Date(Date.parse(day) + 24 * 60 * 60_000).toISOString().slice(0, 10);
}
