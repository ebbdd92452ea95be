import type { Context } from "hono";
import { z } from "zod";
import { assetsPath, findAsset } from "../dashboard/assets.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { AppEnv } from "./app-env.ts";
import { describeRoute } from "./contract/route.ts";

export const assetRoute = describeRoute({
  methods: ["get"],
  path: `${assetsPath}/{version}/{name}`,
  servedBy: "both",
  operationId: "getAsset",
  tag: "Service",
  summary: "Style, script and picture of the pages",
  caller: "anybody",
  parameters: z.object({ version: z.string(), name: z.string() }),
  answers: {
    200: {
      description: "To be kept for a year: the address changes with the content.",
      contentTypes: ["text/css", "text/javascript", "image/svg+xml"],
    },
  },
  refusals: ["not_found"],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/sso/assets/{version}/{name}` @throws {CodedError} not_found */
export function serveAsset(c: Context<AppEnv>): Response {
  const asset = findAsset(c.req.param("name") ?? "");
  if (!asset) throw new CodedError("not_found");
  return c.body(asset.body, 200, {
    "content-type": asset.contentType,
    "cache-control": "public, max-age=31536000, immutable",
  });
}
