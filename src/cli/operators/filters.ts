import type { WorkFilter } from "../../db/find-work.ts";
import { isErrorCode } from "../../domain/error-codes.ts";
import { readGivenTime } from "../../domain/given-time.ts";
import { parseEntraTenantId, parseOrgId } from "../../domain/parse-ids.ts";
import { requestStatuses } from "../../domain/provision-request.ts";
import type { filterOptions } from "./options.ts";

type FilterOptions = { readonly [K in keyof typeof filterOptions]?: string };

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads the filters of `list` and of bulk orders. @throws {TypeError} what to give instead */
export function readFilter(options: FilterOptions): WorkFilter {
  const { code } = options;
  const whose = readWhose(options);
  if (code !== undefined && !isErrorCode(code))
    throw new TypeError("--code is a code of docs/errors.md, such as secrets_forbidden_by_policy");
  return {
    ...readStatus(options.status),
    ...whose,
    code,
    since: options.since === undefined ? undefined : readSince(options.since),
  };
}

/** The filters that `connections` takes as well. @throws {TypeError} what to give instead */
export function readWhose({
  organization,
  tenant,
}: Pick<FilterOptions, "organization" | "tenant">): Pick<WorkFilter, "orgId" | "tenantId"> {
  const orgId = organization === undefined ? undefined : parseOrgId(organization);
  if (organization !== orgId) throw new TypeError("--organization is an organization's id");
  const tenantId = tenant === undefined ? undefined : parseEntraTenantId(tenant);
  if (tenant !== undefined && tenantId === undefined)
    throw new TypeError("--tenant is a directory id, a GUID");
  return { orgId, tenantId };
}

function readStatus(text: string | undefined): Pick<WorkFilter, "status" | "cleanup"> {
  if (text === undefined) return {};
  if (text === "needs_operator") return { cleanup: "needs_operator" };
  const status = requestStatuses.find((known) => known === text);
  if (!status) throw new TypeError(`--status is one of ${requestStatuses.join(", ")}, needs_operator`);
  return { status };
}

function readSince(text: string): Date {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const date =
    count === undefined
      ? readGivenTime(text)
      : new Date(Date.now() - Number(count) * unitsMs[unit as keyof typeof unitsMs]);
  if (!date)
    throw new TypeError("--since is 30m, 24h, 7d, a day of UTC such as 2026-11-28, or 2026-11-28T12:00:00Z");
  return date;
}
