import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { AppEnv } from "../../../src/api/app-env.ts";
import { readBody, readQuery } from "../../../src/api/read-input.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";
import { plainText } from "../../../src/domain/text.schema.ts";

const schema = z.strictObject({
  reason: plainText(10),
  access: z.enum(["everyone", "assigned"]).optional(),
  days: z.int().min(1).max(730).optional(),
  additional: z.literal(true).optional(),
});
const app = new Hono<AppEnv>();
app.post("/needed", async (c) => c.json(await readBody(c, schema)));
app.post("/optional", async (c) => c.json(await readBody(c, schema.partial(), "optional")));
app.get("/query", (c) => c.json(readQuery(c, z.strictObject({ status: z.enum(["a", "b"]).optional() }))));
app.onError((error, c) =>
  error instanceof CodedError ? c.json({ code: error.code, errors: error.errors }, 400) : c.text("", 500),
);

const errorsOf = async (path: string, body?: string): Promise<unknown> => {
  const answer = await app.request(path, body === undefined ? {} : { method: "POST", body });
  if (answer.status === 200) return "fine";
  const { code, errors } = (await answer.json()) as { code: string; errors: unknown };
  expect(code).toBe("invalid_request");
  return errors;
};
const one = (path: string, reason: string) => [{ path, reason }];

describe("a body that is refused names each field and what it must be", () => {
  it.each([
    ['{"reason":"why"}', "fine"],
    ["", one("", "is empty; a JSON object is needed")],
    ["  \n", one("", "is empty; a JSON object is needed")],
    ["{", one("", "is not JSON")],
    ["reason=why", one("", "is not JSON")],
    ['{"reason":"why"}{}', one("", "is not JSON")],
    ["[]", one("", "must be an object")],
    ["null", one("", "must be an object")],
    ['"why"', one("", "must be an object")],
    ["{}", one("reason", "is missing")],
    ['{"reason":null}', one("reason", "must be text")],
    ['{"reason":7}', one("reason", "must be text")],
    ['{"reason":["why"]}', one("reason", "must be text")],
    ['{"reason":""}', one("reason", "must not be empty")],
    ['{"reason":"xxxxxxxxxxx"}', one("reason", "must be at most 10 characters")],
    ['{"reason":"a\\u0000"}', one("reason", "holds control characters or half a surrogate pair")],
    ['{"reason":"a\\ud800"}', one("reason", "holds control characters or half a surrogate pair")],
    ['{"reason":"why","access":"nobody"}', one("access", "must be one of everyone, assigned")],
    ['{"reason":"why","access":true}', one("access", "must be one of everyone, assigned")],
    ['{"reason":"why","days":1.5}', one("days", "must be a whole number")],
    ['{"reason":"why","days":"7"}', one("days", "must be a number")],
    ['{"reason":"why","days":0}', one("days", "must be at least 1")],
    ['{"reason":"why","days":731}', one("days", "must be at most 730")],
    ['{"reason":"why","additional":false}', one("additional", "must be true")],
    ['{"reason":"why","Reason":"x"}', one("Reason", "is not known here")],
    ['{"reason":"why","__proto__":{"access":"assigned"}}', one("__proto__", "is not known here")],
    ['{"reason":"why","a\\u0000\\u202eb":1}', one("ab", "is not known here")],
    [
      '{"access":"nobody","x":1,"y":2}',
      [
        ...one("reason", "is missing"),
        ...one("access", "must be one of everyone, assigned"),
        ...one("x", "is not known here"),
        ...one("y", "is not known here"),
      ],
    ],
  ])("%j", async (body, errors) => {
    expect(await errorsOf("/needed", body)).toEqual(errors);
  });

  it("counts as {} where it is empty and none is needed; anything else is read", async () => {
    expect(await errorsOf("/optional", "")).toBe("fine");
    expect(await errorsOf("/optional", "null")).toEqual(one("", "must be an object"));
    expect(await errorsOf("/optional", '{"reason":7}')).toEqual(one("reason", "must be text"));
  });

  it("names at most twenty, and cuts the names of unknown fields", async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}`.repeat(99), 1]));
    const errors = (await errorsOf("/needed", JSON.stringify(many))) as { path: string }[];
    expect(errors).toHaveLength(20);
    expect(Math.max(...errors.map(({ path }) => path.length))).toBeLessThanOrEqual(80);
  });
});

describe("a query", () => {
  it.each([
    ["", "fine"],
    ["?status=a", "fine"],
    ["?status=c", one("status", "must be one of a, b")],
    ["?status=%00", one("status", "must be one of a, b")],
    ["?status", one("status", "must be one of a, b")],
    ["?status=a&status=b", one("status", "is given more than once")],
    ["?state=a", one("state", "is not known here")],
    ["?__proto__=a", one("__proto__", "is not known here")],
  ])("%j", async (query, errors) => {
    expect(await errorsOf(`/query${query}`)).toEqual(errors);
  });
});
