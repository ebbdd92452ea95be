import { describe, expect, it } from "vitest";
import { loggedTelemetry } from "../../../src/processes/logged-telemetry.ts";
import type { LogFields, Logger } from "../../../src/domain/logger.ts";
import type { Operation, Outcome } from "../../../src/domain/telemetry.ts";

function recorded() {
  const lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields });
  const log: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { lines, telemetry: loggedTelemetry(log) };
}

describe("the log as an observer", () => {
  it.each<[Operation["kind"], Outcome, string, string, LogFields]>([
    ["request", 200, "info", "request", { route: "x", status: 200 }],
    ["request", 503, "info", "request", { route: "x", status: 503 }],
    ["activity", "ok", "debug", "activity", { activity: "x", outcome: "ok" }],
    [
      "activity",
      "microsoft_throttled",
      "info",
      "activity",
      { activity: "x", outcome: "microsoft_throttled" },
    ],
    ["microsoft", 204, "debug", "call to Microsoft", { call: "x", status: 204 }],
    ["microsoft", 429, "info", "call to Microsoft", { call: "x", status: 429 }],
    ["microsoft", 0, "info", "call to Microsoft", { call: "x", status: 0 }],
  ])("%s that ended with %s: one line at %s", async (kind, outcome, level, message, names) => {
    const { lines, telemetry } = recorded();
    const result = await telemetry.around({ kind, name: "x" }, (end) => {
      end(outcome, { attempt: 2 });
      return Promise.resolve("the result");
    });
    expect(result).toBe("the result");
    expect(lines).toEqual([
      { level, message, fields: { ...names, ms: expect.any(Number) as number, attempt: 2 } },
    ]);
  });

  it("passes on what was thrown, and none of its words", async () => {
    const { lines, telemetry } = recorded();
    const error = new TypeError("canary");
    const work = telemetry.around({ kind: "activity", name: "x" }, () => Promise.reject(error));
    await expect(work).rejects.toBe(error);
    expect(lines).toMatchObject([{ level: "info", fields: { activity: "x", outcome: "internal" } }]);
    expect(JSON.stringify(lines)).not.toContain("canary");
  });
});
