import { Hono } from "hono";
import { expect, it } from "vitest";
import type { AppEnv } from "../../../src/api/app-env.ts";
import { problem } from "../../../src/api/problem.ts";
import { type ErrorCode, errorCodes } from "../../../src/domain/error-codes.ts";

it("every code is a problem with its texts; every 400 says what is wrong, others only where something is", async () => {
  const app = new Hono<AppEnv>();
  app.get("/:code", (c) => problem(c, c.req.param("code") as ErrorCode));
  for (const [code, { httpStatus, detail, title }] of Object.entries(errorCodes)) {
    const answer = await app.request(`/${code}`);
    expect(answer.status).toBe(httpStatus);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const errors = httpStatus === 400 ? [{ path: "", reason: detail }] : undefined;
    expect(await answer.json()).toEqual({
      type: `urn:authio:problem:${code}`,
      title,
      status: httpStatus,
      detail,
      code,
      message: detail,
      action: expect.any(String) as string,
      ...(errors ? { errors } : {}),
    });
  }
});
