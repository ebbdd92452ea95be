import type { Context } from "hono";
import { whichApplicationPage } from "../../dashboard/which-application-page.ts";
import type { Applications } from "../../domain/application.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { AppEnv } from "../app-env.ts";
import { connectionPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { connectionLinks } from "../session/connection-view.ts";
import { requireConnection, requireOpen } from "./sign-in-routes.ts";

export const launchRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/connections/{connectionId}/launch",
  servedBy: "sso",
  operationId: "launchApplication",
  tag: "Sign-in",
  summary: "Go on to the application that takes the connection's people",
  description: "Where the tile in Microsoft's My Apps leads, and a sign-in that is dead.",
  caller: "browser",
  parameters: connectionPath,
  answers: {
    200: { description: "A page that asks which application it is.", contentTypes: ["text/html"] },
    303: {
      description: "On to the one application that begins a sign-in by itself, else to the test sign-in.",
      headers: {
        Location: "`initiate_login_uri` with `iss`, `organization_id` and `connection`; or `sign_in_url`.",
      },
    },
  },
  refusals: ["not_found", "signin_suspended", "signin_disconnected"],
  refusesBy: { kind: "page", clean: false, json: true },
});

/**
 * `GET /v1/sso/connections/{connectionId}/launch`: where the tile in Microsoft's My Apps leads, and everybody whose
 * sign-in is dead: to the application of the project, which begins a sign-in of its own, to a page that asks which one,
 * or, where no application begins one, to the test sign-in.
 * @throws {CodedError} not_found; signin_suspended, signin_disconnected where there is no application to go to
 */
export async function launch(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { applications, ssoOrigin } = deps.config;
  const connection = await requireConnection(c, deps);
  const choices = launchChoices(applications, connection, ssoOrigin);
  const [only] = choices;
  if (only && choices.length === 1) return c.redirect(only.url, 303);
  if (only) return c.html(whichApplicationPage(choices));
  requireOpen(connection);
  return c.redirect(connectionLinks(ssoOrigin, connection).sign_in_url, 303);
}

/** As OpenID Connect Core 4 has it, and whose people they are. The address's own query stays byte for byte. */
function launchChoices(
  applications: Applications,
  { id, orgId, projectId }: Pick<SsoConnection, "id" | "orgId" | "projectId">,
  ssoOrigin: string,
): { name: string; url: string }[] {
  const query = new URLSearchParams({ iss: ssoOrigin, organization_id: orgId, connection: id }).toString();
  return applications.flatMap(({ name, projectId: its, initiateLoginUri: uri }) =>
    its === projectId && uri !== undefined
      ? [{ name, url: `${uri}${uri.includes("?") ? "&" : "?"}${query}` }]
      : [],
  );
}
