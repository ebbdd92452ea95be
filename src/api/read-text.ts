import type { Context } from "hono";
import { CodedError } from "../domain/coded-error.ts";
import type { AppEnv } from "./app-env.ts";

/** A body as it came. @throws {CodedError} invalid_request where its sender hung up, or broke it, half way: nothing of ours failed */
export async function readText(c: Context<AppEnv>): Promise<string> {
  return c.req.text().catch(() => {
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "", reason: "did not arrive whole" }],
    });
  });
}
