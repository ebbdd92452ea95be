import { lookAtConnections } from "../../src/activities/maintenance/look-at-connections.ts";
import type { ActivityDeps } from "../../src/activities/deps.ts";
import { loadWorkerConfig } from "../../src/config/load-config.ts";
import { openDatabase } from "../../src/db/client.ts";
import { noteDue } from "../../src/operations/note-due.ts";
import { wireActivities } from "../../src/processes/wire-activities.ts";
import type { SimulatedApplication, SimulatedTenant } from "../../src/simulator/directory.ts";
import { type DriftName, drifts } from "../../src/simulator/drifts.ts";
import { connect, eventually, liveApplications, operatorToken, type Product } from "./product.ts";

export interface Connected {
  readonly tenant: SimulatedTenant;
  readonly org: string;
  readonly application: SimulatedApplication;
  readonly id: string;
}

/** As much of a connection as its health is about. */
export interface View {
  readonly needs_attention?: { reasons: { code: string; since: string; mended_by_connecting: boolean }[] };
  readonly health: { looked_at: string | null; error?: { code: string } };
  readonly [name: string]: unknown;
}
export const drift = ({ application }: Connected, name: DriftName): void => drifts[name].act(application);

/** Looks at connections' applications, and what the API says of them then. */
export function startLooking(product: Product) {
  const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  const newDeps = (): ActivityDeps => {
    const { provisioning, ...config } = loadWorkerConfig(product.environment);
    if (provisioning.kind !== "configured") throw new Error("the test product must be configured");
    return wireActivities({ ...config, provisioning }, database, { timeoutMs: 1000 });
  };
  let deps = newDeps();

  /** Once its run is over and a worker has looked at its domain: calls from here on are somebody else's. */
  async function connected(): Promise<Connected> {
    const tenant = product.addTenant();
    const { end, org, id: request } = await connect(product, tenant);
    await product.temporal.workflow.getHandle(`ms-provision-${request}`).result();
    const [application] = liveApplications(tenant);
    if (!application) throw new Error("it was not connected");
    const id = end.searchParams.get("connection") ?? "";
    await eventually(async () => {
      const rows = await product.sql`select from sso_connections
        where id = ${id} and domain_looked_at > now() - interval '1 hour'`;
      return rows.length === 1;
    });
    return { tenant, org, application, id };
  }

  /** A pass over these connections alone, as if their last look, and what was done to them, were long ago. */
  async function look(...ones: readonly Connected[]) {
    const ids = ones.map(({ id }) => id);
    await product.sql`update connection_operations set completed_at = now() - interval '1 hour' where completed_at is not null`;
    await product.sql`insert into connection_health (connection_id, due_at)
    select id, now() + interval '1 day' from sso_connections on conflict (connection_id) do update set due_at = now() + interval '1 day'`;
    await product.sql`update connection_health set due_at = now() - interval '1 second' where connection_id = any(${ids})`;
    return lookAtConnections(deps, () => AbortSignal.timeout(20_000))({});
  }

  async function lookTwice(...ones: readonly Connected[]) {
    return [await look(...ones), await look(...ones)];
  }

  async function call({ org, id }: Pick<Connected, "org" | "id">, method = "GET", body?: object) {
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${id}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: { authorization: `Bearer ${await product.session(org)}` },
    });
    return (await answer.json()) as Record<string, unknown>;
  }
  const viewOf = async (one: Connected): Promise<View> => (await call(one)) as unknown as View;
  const codesOf = async (one: Connected): Promise<string[]> =>
    ((await viewOf(one)).needs_attention?.reasons ?? []).map(({ code }) => code);

  /** Names and reasons of events that are about drift, oldest first. */
  async function told({ org }: Connected): Promise<[string, unknown][]> {
    const answer = await fetch(`${product.origin}/v1/events?organization_id=${org}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    const { data } = (await answer.json()) as {
      data: { event: string; data: { metadata: Record<string, unknown> } }[];
    };
    return data.flatMap(({ event, data: { metadata } }) =>
      "reasons" in metadata ? [[event, metadata["reasons"]] as [string, unknown]] : [],
    );
  }

  /** Whatever is due, as it is. */
  const lookAtDue = (signal = AbortSignal.timeout(20_000)) => lookAtConnections(deps, () => signal)({});
  /** A worker that holds no token of before. */
  const forgetTokens = (): void => {
    deps = newDeps();
  };
  return {
    connected,
    look,
    lookTwice,
    lookAtDue,
    forgetTokens,
    call,
    viewOf,
    codesOf,
    told,
    noteDue: () => noteDue({ ctx: { database } }),
    stop: () => database.close(),
  };
}
