import { type Fault, graphCalls, noRealism, type Realism } from "./options.ts";

interface Preset {
  readonly title: string;
  readonly text: string;
  readonly realism: Partial<Realism>;
  readonly faults: readonly Fault[];
  /** A new key signs from the moment that this is chosen. */
  readonly rotatesKeys?: true;
}

const forEver = 1_000_000;

/** What a connection's first run, its reconnect and its renewal change: the first of these differs, the last is in all. */
const changes = ["instantiate", "patchApplication", "addPassword"] as const;

/** Ways of behaving that a person can choose on the simulator's front page. Each of Graph's is felt by all three kinds of runs. */
export const presets: Readonly<Record<string, Preset>> = {
  prompt: {
    title: "Normal",
    text: "Answers at once; users meet a consent prompt.",
    realism: {},
    faults: [],
  },
  slow: {
    title: "Slow",
    text: "New objects become visible after 15 seconds, new secrets are accepted after 8, as in a fresh tenant.",
    realism: {
      applicationLagMs: 15_000,
      servicePrincipalLagMs: 15_000,
      listLagMs: 15_000,
      secretLagMs: 8000,
      latencyMs: 300,
    },
    faults: [],
  },
  throttled: {
    title: "Throttled",
    text: "The next changes of applications and secrets are answered with 429, five times each.",
    realism: {},
    faults: (["patchApplication", "addPassword"] as const).map((call) => ({
      call,
      kind: "answer",
      status: 429,
      retryAfter: "2",
      times: 5,
    })),
  },
  noSecrets: {
    title: "Secrets forbidden",
    text: "An app management policy forbids client secrets: the attempt fails and is cleaned up.",
    realism: { secretLifetimeMaxDays: 0 },
    faults: [],
  },
  shortSecrets: {
    title: "Short-lived secrets",
    text: "A policy caps secrets at 90 days.",
    realism: { secretLifetimeMaxDays: 90 },
    faults: [],
  },
  denied: {
    title: "Permission withdrawn",
    text: "Graph refuses to create or change applications: the attempt fails, at the latest after some minutes.",
    realism: {},
    faults: changes.map((call) => ({
      call,
      kind: "answer",
      status: 403,
      code: "Authorization_RequestDenied",
      times: forEver,
    })),
  },
  away: {
    title: "Away",
    text: "Graph answers 503 until you choose another behaviour; attempts wait and then go on.",
    realism: {},
    faults: graphCalls.map((call) => ({ call, kind: "answer", status: 503, times: forEver })),
  },
  busy: {
    title: "Sign-in busy",
    text: "The next two visits to the sign-in page are sent back with an error that passes; approvals go on by themselves.",
    realism: {},
    faults: [
      { call: "authorize", kind: "oauth", error: "temporarily_unavailable", numbers: [90_033], times: 2 },
    ],
  },
  keys: {
    title: "Keys rotated",
    text: "A new key signs, and the next two looks at the published keys still show the old ones.",
    realism: {},
    faults: [{ call: "keys", kind: "stale", times: 2 }],
    rotatesKeys: true,
  },
  owned: {
    title: "Only its own applications",
    text: "The provisioning app holds Application.ReadWrite.OwnedBy, which is enough.",
    realism: { appRoles: ["Application.ReadWrite.OwnedBy"] },
    faults: [],
  },
  granting: {
    title: "Consent for everybody",
    text: "The provisioning app also holds DelegatedPermissionGrant.ReadWrite.All; users meet no prompt.",
    realism: { appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"] },
    faults: [],
  },
};

/** The full realism of a preset: what it does not name is as in the first one. */
export function realismOf(preset: Preset): Realism {
  return { ...noRealism, consentPrompts: true, ...preset.realism };
}
