/** Bugs in what others are told: events lost, passed, out of order, or sent where nothing may go. */
const e2e = (file, title) => ["--project", "e2e", `test/e2e/${file}.test.ts`, "-t", title];

export const eventBugs = [
  {
    name: "a cursor that passes an uncommitted row",
    file: "src/db/events.ts",
    find: "values(named)",
    plant: "values(named.map((one) => ({ ...one, position: one.auditId })))",
    tests: e2e("connection-changes", "never passes a row that is still to be committed"),
  },
  {
    name: "an event lost between commit and delivery",
    file: "src/db/events.ts",
    find: "await queueDeliveries(q, positions);",
    plant:
      "setTimeout(() => void database.run((late) => queueDeliveries(late, positions)).catch(() => undefined), 50);",
    tests: e2e("webhooks", "when its deliveries cannot be written"),
  },
  {
    name: "a delivery counted before it was taken",
    file: "src/db/webhooks/attempts.ts",
    find: ".set({ claimedUntil: sql`now() + make_interval(secs => ${claimSeconds})` })",
    plant:
      '.set({ claimedUntil: sql`now() + make_interval(secs => ${claimSeconds})`, status: "delivered", endedAt: sql`now()` })',
    tests: ["--project", "faults", "test/faults/webhooks.test.ts", "-t", "on its way when the worker died"],
  },
  {
    name: "a connection's events overtake each other",
    file: "src/db/webhooks/attempts.ts",
    find: "select distinct on (d.endpoint_id, d.lane) d.id",
    plant: "select d.id",
    tests: e2e("webhooks", "comes again after 500, in order"),
  },
  {
    name: "a name judged once, when it was added",
    file: "src/activities/webhooks/attempt-delivery.ts",
    find: 'if (found.kind === "refused")',
    plant: 'if (found.kind === "refused" && found.error === "name_not_found")',
    also: [["found.addresses,", 'found.kind === "allowed" ? found.addresses : ["127.0.0.1"],']],
    tests: e2e("webhooks", "resolves anew at each attempt"),
  },
  {
    name: "the old secret signs for ever",
    file: "src/sealing/webhook-secrets.ts",
    find: " && previousUntil > new Date()",
    plant: "",
    tests: e2e("webhook-endpoints", "rotates the secret"),
  },
  {
    name: "feed: events are lost after the clock was set back",
    file: "src/db/events.ts",
    find: "select least(last.at, now()) from",
    plant: "select last.at from",
    tests: ["--project", "e2e", "test/e2e/connection-changes.test.ts", "-t", "clock was set back"],
  },
];
