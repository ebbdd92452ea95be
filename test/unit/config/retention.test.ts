import { expect, it } from "vitest";
import { Environment } from "../../../src/config/environment.ts";
import { readRetention } from "../../../src/config/read-retention.ts";

function read(variables: Record<string, string>) {
  const env = new Environment(variables);
  const retention = readRetention(env);
  env.finish();
  return retention;
}

it("has usual days, takes others, and 0 for ever", () => {
  expect(read({})).toEqual({ clickDays: 400, eventDays: 90 });
  expect(read({ AUTHIO_MS_KEEP_REQUESTS_DAYS: "30", AUTHIO_KEEP_EVENTS_DAYS: "0" })).toEqual({
    clickDays: 30,
    eventDays: undefined,
  });
});

it.each(["1", "29", "-1", "1.5", "soon", "40000"])("refuses %s", (days) => {
  expect(() => read({ AUTHIO_MS_KEEP_REQUESTS_DAYS: days })).toThrow(/AUTHIO_MS_KEEP_REQUESTS_DAYS must be/);
  expect(() => read({ AUTHIO_KEEP_EVENTS_DAYS: days })).toThrow(/AUTHIO_KEEP_EVENTS_DAYS must be/);
});
