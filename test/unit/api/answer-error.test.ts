import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { answerOAuth, answerPage, answerProblem, codeOf } from "../../../src/api/answer-error.ts";
import type { AppEnv } from "../../../src/api/app-env.ts";
import type { ApiDeps } from "../../../src/api/deps.ts";
import { DatabaseError } from "../../../src/db/database-error.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";
import { errorCodes, factsOf, isErrorCode } from "../../../src/domain/error-codes.ts";

const key = Buffer.alloc(32, 1);

/** What each of the three says of one error, and what the log holds then. */
async function answersTo(error: unknown, accept = "text/html") {
  const lines: unknown[] = [];
  const write = (...line: unknown[]) => void lines.push(line);
  const deps = {
    log: { info: write, warn: write, error: write },
    config: { ssoOrigin: "https://sso.example", dashboardUrl: "https://dashboard.example", applications: [] },
    keyed: { refusalKeys: { active: key, all: [key] } },
  } as unknown as ApiDeps;
  const app = new Hono<AppEnv>();
  app.use((c, next) => {
    c.set("requestId", `req_${"0".repeat(32)}`);
    return next();
  });
  app.get("/problem", (c) => answerProblem(c, deps, error));
  app.get("/page", (c) => answerPage(c, deps, error, { clean: false, json: true }));
  app.get("/callback", (c) => answerPage(c, deps, error, { clean: true, json: false }));
  app.get("/oauth", (c) => answerOAuth(c, deps, error));
  const ask = async (path: string) => app.request(`${path}?code=canary`, { headers: { accept } });
  const answers = {
    problem: await ask("/problem"),
    page: await ask("/page"),
    callback: await ask("/callback"),
    oauth: await ask("/oauth"),
  };
  return { ...answers, log: JSON.stringify(lines) };
}

describe("whatever was thrown is a code", () => {
  it.each([
    [new CodedError("not_an_administrator"), "not_an_administrator"],
    [new DatabaseError("57P01", undefined), "service_unavailable"],
    [new DatabaseError("42501", undefined), "service_unavailable"],
    [new DatabaseError("23514", "a_check"), "internal"],
    [new TypeError("canary"), "internal"],
    ["canary", "internal"],
    [undefined, "internal"],
  ])("%s: %s", async (error, code) => {
    expect(codeOf(error)).toBe(code);
    const { problem, log } = await answersTo(error);
    expect(problem.status).toBe(errorCodes[code as keyof typeof errorCodes].httpStatus);
    const text = await problem.text();
    expect(JSON.parse(text)).toMatchObject({ code, request_id: `req_${"0".repeat(32)}` });
    expect(text + log).not.toContain("canary");
  });
  it("operators hear of what they must set right, and of nothing else", async () => {
    const { log: refused } = await answersTo(new DatabaseError("42501", undefined));
    expect(refused).toContain("42501");
    expect((await answersTo(new TypeError("x"))).log).toContain("TypeError");
    expect((await answersTo(new CodedError("state_unknown"))).log).toBe("[]");
    expect((await answersTo(new DatabaseError("57P01", undefined))).log).toBe("[]");
  });
});

describe.each(Object.keys(errorCodes).filter(isErrorCode))("%s", (code) => {
  const { httpStatus, title } = factsOf(code);
  it("has its own status as problem and as page; where it is final, a callback's address does not stay", async () => {
    const { problem, page, callback } = await answersTo(new CodedError(code));
    expect([problem.status, page.status]).toEqual([httpStatus, httpStatus]);
    expect(await page.text()).toContain(title.replaceAll("'", "&#39;"));
    const passes = httpStatus === 429 || httpStatus === 503;
    expect(callback.status).toBe(passes ? httpStatus : 303);
    if (!passes) {
      expect(callback.headers.get("location")).toMatch(/^https:\/\/sso\.example\/refused\?about=/);
      expect(callback.headers.get("location")).not.toContain("canary");
    }
  });
  it("is a word of OAuth's at the token endpoint", async () => {
    const { oauth } = await answersTo(new CodedError(code));
    const words = { 400: ["invalid_grant", "invalid_request"], 401: ["invalid_client"] };
    const { error } = (await oauth.json()) as { error: string };
    if (oauth.status === 400) expect(words[400]).toContain(error);
    else if (oauth.status === 401) expect(words[401]).toContain(error);
    else
      expect([oauth.status, error]).toEqual(
        httpStatus === 503 ? [503, "temporarily_unavailable"] : [500, "server_error"],
      );
  });
});

describe("what is told beside the code", () => {
  it("when to come again, in whole seconds and never at once", async () => {
    const later = await answersTo(new CodedError("service_unavailable", undefined, { retryAfterMs: 1 }));
    for (const answer of [later.problem, later.page, later.callback, later.oauth])
      expect(answer.headers.get("retry-after")).toBe("1");
    const final = await answersTo(new CodedError("state_unknown"));
    for (const answer of [final.problem, final.page, final.oauth])
      expect(answer.headers.get("retry-after")).toBeNull();
  });
  it("which field is wrong, to calls", async () => {
    const errors = [{ path: "prompt", reason: "must be login" }];
    const { problem } = await answersTo(new CodedError("invalid_request", undefined, { errors }));
    expect(await problem.json()).toMatchObject({ errors });
  });
  it("a problem in place of the page to whoever asks for JSON, but not at a callback", async () => {
    const { page, callback } = await answersTo(new CodedError("not_found"), "application/json");
    expect(page.headers.get("content-type")).toBe("application/problem+json");
    expect(callback.status).toBe(303);
  });
});
