import { describe, expect, it } from "vitest";
import { stepsFromHistory } from "../../../src/temporal/steps-from-history.ts";
import { factsOf } from "../../../src/domain/error-codes.ts";
import { factsOfKind, operationKinds } from "../../../src/domain/operation-kinds.ts";

type Event = NonNullable<Parameters<typeof stepsFromHistory>[1]["events"]>[number];
type Pending = Parameters<typeof stepsFromHistory>[2];

/** A history of these events, numbered from 1, one second apart. */
const historyOf = (...events: Event[]) => ({
  events: events.map((event, index) => ({
    eventId: String(index + 1) as never,
    eventTime: { seconds: String(1_764_000_000 + index) as never, nanos: 250_000_000 },
    ...event,
  })),
});
const at = (eventId: number) => new Date((1_764_000_000 + eventId - 1) * 1000 + 250).toISOString();
const scheduled = (name: string): Event => ({
  activityTaskScheduledEventAttributes: { activityType: { name } },
});
const started = (of: number, attempt: number | null = null): Event => ({
  activityTaskStartedEventAttributes: { scheduledEventId: String(of) as never, attempt },
});
const completed = (of: number): Event => ({
  activityTaskCompletedEventAttributes: { scheduledEventId: String(of) as never },
});
const failed = (of: number, type: string | null): Event => ({
  activityTaskFailedEventAttributes: {
    scheduledEventId: String(of) as never,
    failure: { message: "words of others", applicationFailureInfo: { type } },
  },
});
const pendingOf = (name: string, attempt: number | null = null, type?: string): Pending => [
  {
    activityType: { name },
    attempt,
    ...(type === undefined ? {} : { lastFailure: { applicationFailureInfo: { type } } }),
  },
];
const stepOf = (name: string, events: Event[], pending: Pending = []) =>
  stepsFromHistory("connect", historyOf(...events), pending).find((step) => step.name === name);

describe("the steps of a run", () => {
  it.each(operationKinds)("are all there from the beginning (%s), in order", (kind) => {
    const all = factsOfKind(kind).steps.map((name) => ({ name, state: "pending", attempts: 0 }));
    expect(stepsFromHistory(kind, {}, [])).toEqual(all);
    expect(stepsFromHistory(kind, { events: null }, [])).toEqual(all);
  });

  it("go from scheduled to started to done, with the times of the history", () => {
    const events = [scheduled("instantiateApplication"), started(1, 3), completed(1)];
    expect(stepOf("instantiateApplication", events.slice(0, 1))).toEqual({
      name: "instantiateApplication",
      state: "running",
      attempts: 1,
      startedAt: at(1),
    });
    expect(stepOf("instantiateApplication", events.slice(0, 2))).toMatchObject({
      state: "running",
      attempts: 3,
    });
    expect(stepOf("instantiateApplication", events)).toEqual({
      name: "instantiateApplication",
      state: "done",
      attempts: 3,
      startedAt: at(1),
      endedAt: at(3),
    });
  });

  it("that failed name the cause by the table's title, and never by anybody's words", () => {
    const failedWith = (type: string | null) => [scheduled("addPassword"), started(1), failed(1, type)];
    expect(stepOf("addPassword", failedWith("secrets_forbidden_by_policy"))).toEqual({
      name: "addPassword",
      state: "failed",
      attempts: 1,
      startedAt: at(1),
      endedAt: at(3),
      note: factsOf("secrets_forbidden_by_policy").title,
    });
    for (const type of ["no code of ours", "constructor", "", null])
      expect(stepOf("addPassword", failedWith(type))).not.toHaveProperty("note");
  });

  it.each<[string, Event]>([
    ["timed out", { activityTaskTimedOutEventAttributes: { scheduledEventId: "1" as never } }],
    ["were cancelled", { activityTaskCanceledEventAttributes: { scheduledEventId: "1" as never } }],
  ])("that %s have failed", (_, event) => {
    expect(stepOf("addPassword", [scheduled("addPassword"), event])).toMatchObject({
      state: "failed",
      endedAt: at(2),
    });
  });

  it("in flight take their attempts from the pending activities", () => {
    const events = [scheduled("sealSecret")];
    expect(stepOf("sealSecret", events, pendingOf("sealSecret"))).toMatchObject({
      state: "running",
      attempts: 1,
    });
    expect(stepOf("sealSecret", events, pendingOf("sealSecret", 0))).toMatchObject({ attempts: 1 });
    expect(stepOf("sealSecret", events, pendingOf("sealSecret", 7, "sealing_key_unavailable"))).toEqual({
      name: "sealSecret",
      state: "retrying",
      attempts: 7,
      startedAt: at(1),
      note: factsOf("sealing_key_unavailable").title,
    });
  });

  it("do not include what else a run does, nor steps of another kind", () => {
    const events = [
      scheduled("recordFailure"),
      started(1),
      completed(1),
      scheduled("beginRenewal"),
      completed(4),
      completed(99),
    ];
    const untouched = stepsFromHistory("connect", {}, []);
    expect(
      stepsFromHistory("connect", historyOf(...events), pendingOf("deleteOrphanedApplication", 2)),
    ).toEqual(untouched);
    expect(stepsFromHistory("renew", historyOf(...events), [])[0]).toMatchObject({
      name: "beginRenewal",
      state: "done",
    });
  });

  it("do without times where the server gives none", () => {
    const history = historyOf(scheduled("instantiateApplication"), completed(1));
    const timeless = { events: history.events.map((event) => ({ ...event, eventTime: null })) };
    expect(stepsFromHistory("connect", timeless, [])[0]).toEqual({
      name: "instantiateApplication",
      state: "done",
      attempts: 1,
    });
  });
});
