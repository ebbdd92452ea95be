import { expect, it } from "vitest";
import type { Telemetry } from "../../../src/domain/telemetry.ts";
import { allObservers } from "../../../src/processes/metrics/all-observers.ts";

it("each observer sees the work and its end, and the work runs once", async () => {
  const seen: string[] = [];
  const observer = (name: string): Telemetry => ({
    async around({ kind }, work) {
      seen.push(`${name} begins ${kind}`);
      return work((outcome, fields) => void seen.push(`${name} ends ${outcome} ${String(fields?.["code"])}`));
    },
  });
  const result = await allObservers([observer("a"), observer("b")]).around(
    { kind: "activity", name: "x" },
    async (end) => {
      seen.push("work");
      end("ok", { code: "y" });
      return 7;
    },
  );
  expect(result).toBe(7);
  expect(seen).toEqual(["a begins activity", "b begins activity", "work", "a ends ok y", "b ends ok y"]);
});

it("what the work throws passes through all of them", async () => {
  const error = new TypeError("x");
  const none: Telemetry = { around: (_operation, work) => work(() => {}) };
  await expect(
    allObservers([none, none]).around({ kind: "request", name: "x" }, () => Promise.reject(error)),
  ).rejects.toBe(error);
});
