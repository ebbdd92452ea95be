import type { ProvisionActivities } from "../../../src/domain/provision-activities.ts";
import type { Fault, SimulatedCall } from "../../../src/simulator/options.ts";
import { refuseProof } from "../../support/refuse-proof.ts";

/** A call of a run that a fault can be aimed at. */
export interface Target {
  readonly name: string;
  readonly call: SimulatedCall;
  readonly of?: "provisioning" | "connection";
  /** Which call of that name it is for a new tenant, where it is not the first. */
  readonly nth?: number;
  readonly writes?: true;
  /** Meets the call only while a failed attempt is undone. */
  readonly undo?: true;
  /** Without which a click does not come to the call. */
  readonly also?: Fault;
}

/** What a run says to Postgres, as it shows on the wire: the statement itself, or the next thing that is sent. */
export interface Statement {
  readonly name: string;
  readonly matches: RegExp;
  readonly which?: "next";
  readonly undo?: true;
}

interface Traffic {
  readonly calls: readonly Target[];
  readonly statements: readonly Statement[];
}

/** A policy against secrets: final at once, so that there is something to undo. */
export const refuseSecrets: Fault = {
  call: "addPassword",
  kind: "answer",
  status: 400,
  code: "CredentialTypeNotAllowedAsPerAppPolicy",
  times: 1_000_000,
};

/** A minting that is tried again looks for what the attempt before it left. */
const mintTwice: Fault = { call: "addPassword", kind: "answer", status: 503, times: 1 };

const undo = true;
const finalEvent = /insert into "audit_events"/;

/**
 * What each activity of a run says to others, where no activity before it has said it. A step without an entry does not
 * compile; `traffic.test.ts` sees a call or a write that no entry names. Every family takes its cases from here.
 */
export const trafficOf: Readonly<Record<keyof ProvisionActivities, Traffic>> = {
  instantiateApplication: {
    calls: [
      { name: "discovery", call: "discovery" },
      { name: "app token", call: "token", of: "provisioning" },
      { name: "instantiate", call: "instantiate", writes: true },
    ],
    statements: [
      { name: "the intent", matches: /update "connection_operations" set "create_intent_at"/ },
      { name: "the application's ids", matches: /update "connection_operations" set "adopted"/ },
    ],
  },
  configureOidc: {
    calls: [
      { name: "configure application", call: "patchApplication", writes: true },
      { name: "configure service principal", call: "patchServicePrincipal", writes: true },
    ],
    statements: [],
  },
  addPassword: {
    calls: [
      { name: "add password", call: "addPassword", writes: true },
      { name: "list for strays", call: "getApplication", also: mintTwice },
    ],
    statements: [
      {
        name: "the credential's claim",
        matches: /update "connection_operations" set "credential_attempt"/,
      },
    ],
  },
  sealSecret: { calls: [], statements: [] },
  proveSecret: { calls: [{ name: "prove secret", call: "token", of: "connection", nth: 2 }], statements: [] },
  upsertConnection: {
    calls: [],
    statements: [
      {
        name: "the success",
        matches:
          /update "connection_operations" set "status" = \$1, "completed_at" = now\(\), "settle_due_at"/,
      },
      {
        name: "the connection",
        matches: /insert into "sso_connections"|update "sso_connections" set "(?:epoch|status)"/,
      },
      { name: "the audit event", matches: finalEvent },
      { name: "the success's commit", matches: finalEvent, which: "next" },
    ],
  },
  recordFailure: {
    calls: [],
    statements: [
      { name: "the failure", matches: /update "connection_operations" set "status" = \$1, "cleanup"/, undo },
      { name: "the failure's commit", matches: finalEvent, which: "next", undo },
    ],
  },
  deleteOrphanedApplication: {
    calls: [
      { name: "delete in the undo", call: "deleteApplication", writes: true, undo, also: refuseSecrets },
      { name: "find by mark in the undo", call: "listApplications", undo, also: refuseSecrets },
    ],
    statements: [{ name: "the clean-up", matches: /update "connection_operations" set "cleanup"/, undo }],
  },
  /** Of connections that are there: `enterprise-application.test.ts` and `kill-worker-reconnects.test.ts`. */
  beginRenewal: {
    calls: [
      { name: "look at the service principal", call: "getServicePrincipal" },
      { name: "find the service principal", call: "listServicePrincipals" },
      { name: "make the service principal", call: "createServicePrincipal", writes: true },
    ],
    statements: [],
  },
  removeSupersededCredentials: {
    calls: [{ name: "remove the old password", call: "removePassword", writes: true }],
    statements: [],
  },
  recordCleanupNeedsOperator: { calls: [], statements: [] },
  /** Of connections that are there: `disconnect-restore.test.ts`, `kill-worker-removals.test.ts`, `postgres-removals.test.ts`. */
  removeApplication: {
    calls: [
      { name: "look at the application", call: "getApplication" },
      { name: "remove the credential", call: "removePassword", writes: true },
      { name: "remove the certificates", call: "patchApplication", writes: true },
      { name: "list identities elsewhere", call: "listFederated" },
      { name: "remove the identity elsewhere", call: "removeFederated", writes: true },
      { name: "list the service principal's credentials", call: "getServicePrincipal", nth: 2 },
      { name: "remove the service principal's password", call: "removePrincipalPassword", writes: true },
      { name: "remove the service principal's certificates", call: "patchServicePrincipal", writes: true },
      { name: "delete the application", call: "deleteApplication", writes: true },
      { name: "confirm it by list", call: "listApplications" },
    ],
    statements: [],
  },
  recordDisconnected: {
    calls: [],
    statements: [
      {
        name: "the removal",
        matches:
          /update "connection_operations" set "status" = \$1, "cleanup" = \$2, "completed_at" = now\(\)/,
      },
      { name: "the removal's commit", matches: finalEvent, which: "next" },
    ],
  },
  restoreApplication: {
    calls: [
      { name: "look at what is there", call: "getApplication" },
      { name: "restore the application", call: "restoreDeleted", writes: true },
      { name: "restore the service principal", call: "restoreDeleted", writes: true, nth: 2 },
      { name: "remove what came back", call: "removePassword", writes: true },
      { name: "remove the certificates that came back", call: "patchApplication", writes: true },
      { name: "list identities elsewhere", call: "listFederated" },
      { name: "remove the identity elsewhere", call: "removeFederated", writes: true },
      { name: "list the service principal's credentials", call: "getServicePrincipal", nth: 3 },
      { name: "remove the service principal's password", call: "removePrincipalPassword", writes: true },
      { name: "remove the service principal's certificates", call: "patchServicePrincipal", writes: true },
    ],
    statements: [{ name: "what is restored", matches: /update "connection_operations" set "adopted"/ }],
  },
  /** Of connections that are there: `change-access.test.ts`. */
  changeAccess: {
    calls: [
      { name: "look at the service principal", call: "getServicePrincipal" },
      { name: "set the assignment", call: "patchServicePrincipal", writes: true },
      { name: "read it back", call: "getServicePrincipal", nth: 2 },
    ],
    statements: [],
  },
  recordAccess: {
    calls: [],
    statements: [
      {
        name: "the end of the change",
        matches: /update "connection_operations" set "status" = \$1, "completed_at" = now\(\) where/,
      },
      { name: "the access", matches: /update "sso_connections" set "access" = \$1, "access_error_code"/ },
    ],
  },
  /** Of connections that are there: `release.test.ts`. */
  releaseAccess: {
    calls: [
      { name: "look for our app", call: "listServicePrincipals" },
      { name: "remove our app", call: "deleteServicePrincipal", writes: true },
      { name: "look whether it is gone", call: "listServicePrincipals", nth: 2 },
    ],
    statements: [],
  },
  recordReleased: {
    calls: [],
    statements: [
      {
        name: "the end of the release",
        matches: /update "connection_operations" set "status" = \$1, "completed_at" = now\(\) where/,
      },
      {
        name: "the released connections",
        matches: /update "sso_connections" set "access_released_at" = now\(\)/,
      },
    ],
  },
};

/** Only where a connection is there already. */
const ofConnected: readonly string[] = [
  "beginRenewal",
  "removeSupersededCredentials",
  "removeApplication",
  "recordDisconnected",
  "restoreApplication",
  "changeAccess",
  "recordAccess",
  "releaseAccess",
  "recordReleased",
];
const ofClicks = Object.entries(trafficOf).flatMap(([name, one]) =>
  ofConnected.includes(name) ? [] : [one],
);

/** The calls of a first click. */
export const targets: readonly Target[] = ofClicks.flatMap(({ calls }) => calls);

/** What the steps write for a first click. */
export const writes: readonly Statement[] = ofClicks.flatMap(({ statements }) => statements);

/** The same, and what every step says. */
export const statements: readonly Statement[] = [
  { name: "the fence", matches: /select .* from "connection_operations" where .*"workflow_id"/ },
  { name: "begin", matches: /begin/ },
  ...writes,
];

export const alsoOf = ({ also }: Target): Fault[] => (also ? [also] : []);

/** The faults with which a run comes to the call or the statement. */
export const faultsBefore = (one: Pick<Target, "undo" | "also">): Fault[] =>
  one.undo ? [refuseProof] : one.also ? [one.also] : [];
