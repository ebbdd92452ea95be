import { expect, it } from "vitest";
import { shownDetail } from "../../../src/domain/event-metadata.ts";

it("shows what others may know and leaves the rest out", () => {
  const told = {
    code: "cancelled_by_operator",
    kind: "connect",
    created: true,
    access: "assigned",
    days: 7,
    day: "2026-11-28",
  };
  const kept = { reason: "a person's words", by: "tess", secret: "key_1" };
  expect(shownDetail({ ...told, sign_ins: 3, ...kept })).toEqual({ ...told, sign_ins: 3 });
});

it("leaves out what is not of its type", () => {
  expect(
    shownDetail({
      code: null,
      kind: "dance",
      created: "yes",
      access: "nobody",
      days: "7",
      day: 1,
      sign_ins: null,
    }),
  ).toEqual({});
});
