import { cors } from "hono/cors";
import type { MiddlewareHandler } from "hono";
import { callerHeaders } from "../platform-headers.ts";
import type { Application, Applications } from "../../domain/application.ts";

/** Pages of an application's are where its redirect URIs are. */
export function allowsOrigin({ redirectUris }: Application, origin: string): boolean {
  return redirectUris.some((uri) => new URL(uri).origin === origin);
}

/** CORS for what anybody may read. Some clients send a header along, and ask first. */
export const openCors = (): MiddlewareHandler => cors({ origin: "*", allowMethods: ["GET"], maxAge: 600 });

/** CORS for what applications call from a page of theirs. Never credentials: a code or token says who asks. */
export function applicationCors(applications: Applications): MiddlewareHandler {
  return cors({
    origin: (origin) => (applications.some((one) => allowsOrigin(one, origin)) ? origin : null),
    allowMethods: ["GET", "POST"],
    allowHeaders: callerHeaders,
    exposeHeaders: ["x-request-id", "retry-after", "www-authenticate"],
    maxAge: 600,
  });
}
