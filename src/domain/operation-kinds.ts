/** What can be done to a connection. A click leads to `connect` or `release`; the rest happens without one. */
export const operationKinds = [
  "connect",
  "renew",
  "disconnect",
  "restore",
  "change_access",
  "release",
] as const;
export type OperationKind = (typeof operationKinds)[number];

const stepsOf = {
  connect: [
    "instantiateApplication",
    "configureOidc",
    "addPassword",
    "sealSecret",
    "proveSecret",
    "upsertConnection",
  ],
  /** Works on the application that is there, so it neither creates nor configures one. */
  renew: ["beginRenewal", "addPassword", "sealSecret", "proveSecret", "upsertConnection"],
  disconnect: ["removeApplication", "recordDisconnected"],
  restore: ["restoreApplication", "addPassword", "sealSecret", "proveSecret", "upsertConnection"],
  change_access: ["changeAccess", "recordAccess"],
  /** Takes our own app out of the directory; the connection's application stays. */
  release: ["releaseAccess", "recordReleased"],
} as const satisfies Readonly<Record<OperationKind, readonly string[]>>;

/** A step of any kind: the name of its activity. */
export type StepName = (typeof stepsOf)[OperationKind][number];

/** What is particular to a kind. Everything that differs between kinds is looked up here, not asked for by name. */
export interface OperationKindFacts {
  /** Names in Temporal: changing one is a change of protocol, for running workflows know the old. */
  readonly workflowType: string;
  readonly workflowIdPrefix: string;
  /** The steps in the order a person sees them. */
  readonly steps: readonly StepName[];
  /** What is done, for Temporal's list. */
  readonly verb: string;
  /** What its end is called there. */
  readonly done: string;
  /** Gives way to a click for the same organization and directory, which does its work too. */
  readonly givesWayToClick: boolean;
  /** What its success makes of the connection: a live one, the same with another secret, a live one again, nothing. */
  readonly writes: "connection" | "secret" | "restored" | "nothing";
  /** Sets the application right, so that what was changed there is over. */
  readonly mends: boolean;
  /** Leads to a live connection, so that one organization and directory have one of these in hand. */
  readonly holdsDirectory: boolean;
  /** Takes away what every organization works with in that directory, so that none of them begins anything meanwhile. */
  readonly holdsDirectoryOfAll: boolean;
  /** Is a clean-up itself: stopped, it leaves at Microsoft what it was to remove, and only a retry removes that. */
  readonly isCleanUp: boolean;
  /** Where why it failed is kept with the connection, for no click tells of it; undefined: nowhere. */
  readonly failureKeptAs: "renewalErrorCode" | "accessErrorCode" | undefined;
}

const facts: Readonly<Record<OperationKind, OperationKindFacts>> = {
  connect: {
    workflowType: "provisionMicrosoftConnection",
    workflowIdPrefix: "ms-provision",
    steps: stepsOf.connect,
    verb: "Connect Microsoft",
    done: "Connected",
    givesWayToClick: false,
    writes: "connection",
    mends: true,
    holdsDirectory: true,
    holdsDirectoryOfAll: false,
    isCleanUp: false,
    failureKeptAs: undefined,
  },
  renew: {
    workflowType: "renewConnectionSecret",
    workflowIdPrefix: "ms-renew",
    steps: stepsOf.renew,
    verb: "Renew the secret",
    done: "Renewed",
    givesWayToClick: true,
    writes: "secret",
    mends: false,
    holdsDirectory: true,
    holdsDirectoryOfAll: false,
    isCleanUp: false,
    failureKeptAs: "renewalErrorCode",
  },
  disconnect: {
    workflowType: "disconnectConnection",
    workflowIdPrefix: "ms-disconnect",
    steps: stepsOf.disconnect,
    verb: "Disconnect Microsoft",
    done: "Disconnected",
    givesWayToClick: false,
    writes: "nothing",
    mends: false,
    holdsDirectory: false,
    holdsDirectoryOfAll: false,
    isCleanUp: true,
    failureKeptAs: undefined,
  },
  restore: {
    workflowType: "restoreConnection",
    workflowIdPrefix: "ms-restore",
    steps: stepsOf.restore,
    verb: "Restore the connection",
    done: "Restored",
    givesWayToClick: false,
    writes: "restored",
    mends: true,
    holdsDirectory: true,
    holdsDirectoryOfAll: false,
    isCleanUp: false,
    failureKeptAs: undefined,
  },
  change_access: {
    workflowType: "changeConnectionAccess",
    workflowIdPrefix: "ms-access",
    steps: stepsOf.change_access,
    verb: "Change who may sign in",
    done: "Changed",
    givesWayToClick: true,
    writes: "nothing",
    mends: false,
    holdsDirectory: true,
    holdsDirectoryOfAll: false,
    isCleanUp: false,
    failureKeptAs: "accessErrorCode",
  },
  release: {
    workflowType: "releaseMicrosoftAccess",
    workflowIdPrefix: "ms-release",
    steps: stepsOf.release,
    verb: "Release access",
    done: "Released",
    givesWayToClick: false,
    writes: "nothing",
    mends: false,
    holdsDirectory: true,
    holdsDirectoryOfAll: true,
    isCleanUp: false,
    failureKeptAs: undefined,
  },
};

export function factsOfKind(kind: OperationKind): OperationKindFacts {
  return facts[kind];
}

/** Kinds of which something holds. */
export function kindsThat(holds: (facts: OperationKindFacts) => boolean): OperationKind[] {
  return operationKinds.filter((kind) => holds(facts[kind]));
}
