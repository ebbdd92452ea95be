import type { Context } from "hono";
import { z } from "zod";
import { listSetupLinks } from "../../db/setup-links/find-link.ts";
import { setupLinkIdSchema } from "../../domain/ids.schema.ts";
import type { AppEnv } from "../app-env.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { pageOf, pageQuery } from "../paging.ts";
import { readQuery } from "../read-input.ts";
import { requirePortalSession } from "./require-setup-links.ts";
import { setupLinkListSchema } from "./setup-link.schema.ts";
import { setupLinkView } from "./setup-link-view.ts";

const querySchema = z.strictObject(pageQuery);

export const setupLinkListRoute = describeRoute({
  methods: ["get"],
  path: "/v1/portal/setup-links",
  servedBy: "management",
  operationId: "listSetupLinks",
  tag: "Setup links",
  summary: "The organization's links, newest first",
  description: "With what was proved and waits for a confirmation; never with the link itself.",
  caller: "admin",
  query: querySchema,
  answers: { 200: { description: "Each with how far it is.", schema: setupLinkListSchema } },
  refusals: ["setup_links_off"],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/portal/setup-links`: of the session's organization in its project. */
export async function setupLinkList(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requirePortalSession(c, deps);
  const { limit, after } = readQuery(c, querySchema);
  const cursor = after === undefined ? undefined : setupLinkIdSchema.safeParse(after);
  const found =
    cursor?.success === false
      ? undefined
      : await listSetupLinks(deps.database, session, { limit: limit + 1, after: cursor?.data });
  const keyed = found?.map((one) => ({ id: one.link.id, one }));
  const { rows, ...rest } = pageOf(keyed, limit);
  const data = await Promise.all(rows.map(({ one }) => setupLinkView(deps, one)));
  return answer(c, setupLinkListRoute, 200, { data, ...rest });
}
