import { edgeBugs } from "./planted-bugs-edge.mjs";
import { eventBugs } from "./planted-bugs-events.mjs";
import { microsoftBugs } from "./planted-bugs-microsoft.mjs";
import { releaseBugs } from "./planted-bugs-release.mjs";
import { removalBugs } from "./planted-bugs-removals.mjs";
import { setupBugs } from "./planted-bugs-setup.mjs";
import { signInBugs } from "./planted-bugs-sign-in.mjs";

const activities = "src/activities";
const operations = "src/db/connection-operations";
const http = ["--project", "faults", "test/faults/http.test.ts", "-t"];
const permissions = ["--project", "faults", "test/faults/permissions.test.ts", "-t"];
const enterprise = ["--project", "faults", "test/faults/enterprise-application.test.ts", "-t"];
const e2e = (file, title) => [
  "--project",
  "e2e",
  `test/e2e/${file}.test.ts`,
  ...(title ? ["-t", title] : []),
];

/**
 * Bugs to plant, one at a time: `plant` stands in for `find` in `file` (`also`: further pairs, in the third's file if
 * there is one), and `tests` must fail then.
 */
export const bugs = [
  {
    name: "undo registered after the step",
    file: `${operations}/end-run.ts`,
    find: "    operation.createIntentAt !== null ||\n",
    plant: "",
    tests: [...http, "instantiate × applied, answered 400 × once"],
  },
  {
    name: "a missing right taken for bad data",
    file: "src/db/database-error.ts",
    find: "return /^2[23]...$/.test(this.code);",
    plant: "return /^(22|23|42)/.test(this.code);",
    tests: ["--project", "faults", "test/faults/refusals.test.ts", "-t", "the connection × a right"],
  },
  {
    name: "a demoted server is kept",
    file: "src/db/database-error.ts",
    find: "/^(25006|57P0.|no_answer)$/",
    plant: "/^(57P0.|no_answer)$/",
    tests: e2e("readiness", "a demoted server"),
  },
  {
    name: "retry without look-up",
    file: `${activities}/instantiate-application.ts`,
    find: "if (operation.createIntentAt === null) {",
    plant: "if (operation.createIntentAt === null || operation.generation >= 0) {",
    tests: [...http, "instantiate × applied, answer lost × once"],
  },
  {
    name: "early 404 taken as deleted",
    file: `${activities}/delete-orphaned-application.ts`,
    find: "    if (visible) throw",
    plant: "    if (visible && operation.generation < 0) throw",
    also: [
      ["  if (deleted.length === 0 && sinceIntentMs", "  if (operation.generation < 0 && sinceIntentMs"],
    ],
    tests: [...http, "delete in the undo × 404 × once"],
  },
  {
    name: "plaintext in a result",
    file: `${activities}/add-password.ts`,
    find: "added.secret), ...facts };",
    plant: "added.secret), ...facts, ...({ note: added.secret.reveal() } as object) };",
    tests: [...http, "add password × 503 × once"],
  },
  {
    name: "every credential of ours removed after the switch",
    file: `${activities}/strays.ts`,
    find: "owner === undefined || credential.keyId === connection.secretKeyId || isYounger",
    plant: "owner === undefined || isYounger",
    tests: [...http, "add password × applied, answer lost × once"],
  },
  {
    name: "connected said of an unproved secret",
    file: `${activities}/prove-secret.ts`,
    find: "    await requestAppToken({",
    plant: "    if (operation.generation < 0) await requestAppToken({",
    tests: e2e("failures", "the proof of the secret"),
  },
  {
    name: "failure recorded over a success",
    file: `${operations}/end-run.ts`,
    find: '      case "succeeded":\n        return { kind: "succeeded", connectionId: operation.connectionId };\n',
    plant: "",
    also: [
      ['      case "running":\n', '      case "succeeded":\n      case "running":\n'],
      ["        inArray(connectionOperations.status, [...inHandStatuses]),\n", ""],
    ],
    tests: e2e("finish-or-fail"),
  },
  {
    name: "code redeemed by every equal callback",
    file: "src/db/provision-requests/proof.ts",
    find: "  return rows.length === 1;",
    plant: "  return rows.length <= 1;",
    tests: e2e("refusals", "ten equal callbacks"),
  },
  {
    name: "any browser may finish",
    file: "src/api/browser/browser-binding.ts",
    find: "  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));",
    plant: "  return given.length === expected.length;",
    tests: e2e("refusals", "who may finish"),
  },
  {
    name: "a mailed address of the proof burns nothing",
    file: "src/api/browser/consent-callback.ts",
    find: '  await endBeforeProof(deps.database, request.id, { status: "refused", code });',
    plant:
      '  if (request.binding === "cookie") await endBeforeProof(deps.database, request.id, { status: "refused", code });',
    tests: e2e("two-origins", "a mailed address of the proof"),
  },
  {
    name: "a refused callback leaves code and state in the address bar",
    file: "src/api/answer-error.ts",
    find: "if (clean && deps.keyed && isFinalRefusal(code))",
    plant: 'if (clean && deps.keyed && code === "internal")',
    tests: e2e("two-origins", "a mailed address"),
  },
  {
    name: "a browser's cookie outlives its person",
    file: "src/api/browser/browser-binding.ts",
    find: "isTheirs ? present : newValue(browserKeys.active, userId)",
    plant: "isTheirs || present ? present! : newValue(browserKeys.active, userId)",
    tests: e2e("organizations-say", "does not finish what the person before began"),
  },
  {
    name: "another directory's approval becomes a second connection",
    file: "src/db/provision-requests/directory-rule.ts",
    find: 'if (wanted?.tenant !== entraTenantId) return "directory_differs";',
    plant: 'if (!wanted) return "directory_differs";',
    tests: e2e("which-directory", "refuses another directory to a click"),
  },
  {
    name: "the return URL's query is written anew",
    file: "src/api/return-url.ts",
    find: "const base = stored !== null && isAllowedReturnUrl(stored, allowed) ? stored : fallback;",
    plant:
      "const base = stored !== null && isAllowedReturnUrl(stored, allowed) ? `${stored.split('?')[0]}?${new URL(stored).searchParams}` : fallback;",
    tests: e2e("return-to", "after a success"),
  },
  {
    name: "each made-up code of one state is sent to Microsoft",
    file: "src/db/code-redemptions.ts",
    find: "setWhere: sql`${isSame} and ${isFree}`,",
    plant: "setWhere: sql`${isFree} or ${isSame}`,",
    tests: e2e("junk-answers", "different codes"),
  },
  {
    name: "what another browser was shown finishes the sign-in",
    file: "src/signin/sign-in.ts",
    find: "        await spend(state);\n",
    plant: "",
    tests: e2e("junk-answers", "arrives at"),
  },
  {
    name: "the Graph client repeats writes by itself",
    file: "src/entra/graph-client.ts",
    find: 'context.response = await fetch(url, { ...context.options, headers, redirect: "manual" });',
    plant:
      'const send = () => fetch(url, { ...context.options, headers, redirect: "manual" });\n    context.response = await send().catch(send);',
    tests: [...http, "instantiate × applied, answer lost × once"],
  },
  {
    name: "another success than 204 taken as done",
    file: "src/entra/graph-client.ts",
    find: "if (status !== 204)",
    plant: "if (status < 200)",
    tests: [...http, "configure application × empty body × once"],
  },
  {
    name: "the reconciler forgets clean-ups",
    file: `${operations}/unfinished.ts`,
    find: 'and(eq(connectionOperations.status, "failed"), eq(connectionOperations.cleanup, "pending")),',
    plant: "",
    tests: ["--project", "faults", "test/faults/outages.test.ts", "-t", "lost its store while it is undone"],
  },
  {
    name: "settle removes what came after",
    file: `${activities}/strays.ts`,
    find: "    createdMs <= createdUntil.getTime() &&\n",
    plant: "",
    tests: e2e("maintenance", "settle removes"),
  },
  {
    name: "a copied database drives what is not its own",
    file: `${operations}/unfinished.ts`,
    find: "          eq(connectionOperations.ssoOrigin, ssoOrigin),\n",
    plant: "          sql`${ssoOrigin} <> ''`,\n",
    tests: e2e("maintenance", "a copy of the database"),
  },
  {
    name: "a step runs for a workflow that the row does not name",
    file: `${operations}/fence.ts`,
    find: "    eq(connectionOperations.workflowId, run.workflowId),\n",
    plant: "",
    tests: e2e("by-hand", "a workflow under another id"),
  },
  {
    name: "a step runs without a workflow",
    file: `${activities}/fence.ts`,
    find: "workflowId: requireWorkflow(), ssoOrigin",
    plant:
      "workflowId: Context.current().info.workflowExecution?.workflowId ?? Context.current().info.activityId, ssoOrigin",
    tests: e2e("by-hand", "is refused, whatever its id"),
  },
  {
    name: "connected said of a secret that no step vouches for",
    file: `${activities}/upsert-connection.ts`,
    find: "if (!isVouchedFor(",
    plant: "if (operation.generation < 0 && !isVouchedFor(",
    tests: e2e("by-hand", "took the run's own id"),
  },
  {
    name: "a click joins a renewal",
    file: `${operations}/begin-connect.ts`,
    find: "  const gaveWay = await giveWay(q, key, operationId);\n",
    plant: '  const gaveWay = undefined as { access: "assigned" } | undefined;\n',
    tests: e2e("renewal-and-reconnect", "a reconnect while the secret is being renewed"),
  },
  {
    name: "a click forgets the change of access that gave way to it",
    file: `${operations}/begin-connect.ts`,
    find: "click.access ?? gaveWay?.access ?? (live",
    plant: "click.access ?? (live",
    tests: e2e("change-access", "gives way to a click"),
  },
  {
    name: "one look is enough to say that something is gone",
    file: "src/domain/connection-health.ts",
    find: "(before.suspected.includes(code) ? now.toISOString() : undefined);",
    plant: "now.toISOString();",
    tests: e2e("drift", "not said of what one look saw"),
  },
  {
    name: "an identity elsewhere that may act as the application is not looked at",
    file: "src/entra/judge-drift.ts",
    find: "federated.length > 0 || ",
    plant: "",
    tests: e2e("drift", "stays until somebody undoes it there"),
  },
  {
    name: "whatever is changed of a connection puts its renewal off",
    file: "src/domain/sso-connection.ts",
    find: "return secretSetAt < updatedAt ? secretSetAt : updatedAt;",
    plant: "return secretSetAt < updatedAt ? updatedAt : secretSetAt;",
    tests: ["--project", "unit", "test/unit/domain/renewal-due.test.ts"],
  },
  {
    name: "what Microsoft does not tell ends what is known",
    file: "src/activities/maintenance/look-at-connections.ts",
    find: "    if (signal.aborted || !(error instanceof CodedError)) throw error;\n    return error.code;\n",
    plant:
      "    if (signal.aborted || !(error instanceof CodedError)) throw error;\n    await recordLook(deps.database, due, { seen: [], unknown: [], isConsentedForAll: undefined });\n    return error.code;\n",
    tests: e2e("looks", "says nothing, and ends neither"),
  },
  {
    name: "a change of access is recorded that Microsoft did not make",
    file: `${activities}/change-access.ts`,
    find: "    await applications.setAssignmentRequired(principal.id, isRequired);\n    const after = await applications.getServicePrincipal(principal.id);\n",
    plant: "    const after = { appRoleAssignmentRequired: isRequired };\n",
    tests: e2e("change-access", "both ways"),
  },
  {
    name: "a key that is not active is refused",
    file: "src/sealing/purpose-keys.ts",
    find: "const all = [active, ...others]",
    plant: "const all = [active, ...others.slice(others.length)]",
    tests: e2e("key-rotation"),
  },
  {
    name: "a secret is minted before it is certain that it can be sealed",
    file: `${activities}/add-password.ts`,
    find: '    const sealTransit = await prepareSeal(deps.keyWrapping, "transit");\n',
    plant: "",
    also: [["sealTransit(context", '(await prepareSeal(deps.keyWrapping, "transit"))(context']],
    tests: e2e("key-service", "before a secret is minted"),
  },
  {
    name: "what is observed is named by its ids",
    file: "src/entra/graph-client.ts",
    find: 'path.replace(guid, "{id}")',
    plant: "path",
    tests: e2e("telemetry", "under names that repeat"),
  },
  {
    name: "an outage of the master key ends the run",
    file: "src/sealing/sealing-error.ts",
    find: 'key_unreachable: "sealing_key_unavailable"',
    plant: 'key_unreachable: "internal"',
    tests: ["--project", "unit", "test/unit/sealing/key-service.test.ts"],
  },
  {
    name: "a throttled tenant is asked by every run",
    file: "src/entra/tenant-gates.ts",
    find: "if (waitMs > 0) refuse(waitMs);",
    plant: "if (waitMs > 1e12) refuse(waitMs);",
    also: [
      [
        "await pauses.pause(tenantId, retryAfterMs ?? withoutHeaderMs).catch(() => undefined);",
        "",
        "src/entra/installation-gates.ts",
      ],
    ],
    tests: ["--project", "faults", "test/faults/throttling.test.ts"],
  },
  {
    name: "a Retry-After of nothing ends the run",
    file: "src/entra/microsoft-error.ts",
    find: "Math.max(ms, retryAfterBoundsMs.least)",
    plant: "Math.max(ms, 0)",
    also: [["return Math.max(delayBoundsMs.least,", "return Math.max(0,", `${activities}/failures.ts`]],
    tests: [
      "--project",
      "faults",
      "test/faults/retry-after.test.ts",
      "-t",
      "add password × 503 × Retry-After: 0",
    ],
  },
  {
    name: "a permission that spreads slowly ends the run",
    file: "src/domain/microsoft-codes.ts",
    find: 'run: "permission_not_effective",',
    plant: 'run: "permission_denied",',
    tests: [...permissions, "add password × 403 for 800 ms"],
  },
  {
    name: "the undo is no more patient than a run",
    file: `${activities}/index.ts`,
    find: "{ permission_not_effective: 15 * 60_000 }",
    plant: "{}",
    tests: [...permissions, "delete in the undo × 403 for ever"],
  },
  {
    name: "a refused creation is looked for as a lost one",
    file: `${activities}/instantiate-application.ts`,
    find: "!operation.createRefused && ",
    plant: "",
    tests: [...permissions, "instantiate × 403 for ever"],
  },
  {
    name: "the embedded PostgreSQL trusts everybody on the machine",
    file: "src/embedded/postgres-data.ts",
    find: "127.0.0.1/32 scram-sha-256",
    plant: "127.0.0.1/32 trust",
    tests: ["--project", "launch", "test/launch/postgres.test.ts", "-t", "without a password"],
  },
  {
    name: "a deleted enterprise application is not made anew",
    file: `${activities}/adopt-application.ts`,
    find: '(await applications.createServicePrincipal(appId, (await access()) === "assigned"));',
    plant:
      '(appId ? { ...connection, id: connection.servicePrincipalId, accountEnabled: true } : await applications.createServicePrincipal(appId, (await access()) === "assigned"));',
    tests: [...enterprise, "reconnect × createServicePrincipal × 503 × 1"],
  },
  ...edgeBugs,
  ...setupBugs,
  ...eventBugs,
  ...microsoftBugs,
  ...releaseBugs,
  ...removalBugs,
  ...signInBugs,
];
