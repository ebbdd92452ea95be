import { type Fault, noRealism, type Realism } from "./options.ts";

interface Preset {
  readonly title: string;
  readonly text: string;
  readonly realism: Partial<Realism>;
  readonly faults: readonly Fault[];
}

const forEver = 1_000_000;

/** Ways of behaving that a person can choose on the simulator's front page. */
export const presets: Readonly<Record<string, Preset>> = {
  prompt: {
    title: "As a rule",
    text: "Answers at once; users meet a consent prompt.",
    realism: {},
    faults: [],
  },
  slow: {
    title: "Slow",
    text: "New objects become visible after 20 seconds, as in a fresh tenant.",
    realism: { applicationLagMs: 20_000, servicePrincipalLagMs: 20_000, listLagMs: 20_000, latencyMs: 300 },
    faults: [],
  },
  throttled: {
    title: "Throttled",
    text: "The next ten changes of applications are answered with 429.",
    realism: {},
    faults: [{ call: "patchApplication", kind: "answer", status: 429, retryAfter: "2", times: 10 }],
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
    text: "Graph refuses to create applications: the attempt fails.",
    realism: {},
    faults: [
      {
        call: "instantiate",
        kind: "answer",
        status: 403,
        code: "Authorization_RequestDenied",
        times: forEver,
      },
    ],
  },
  away: {
    title: "Away",
    text: "Graph answers 503 until you choose another behaviour; attempts wait and then go on.",
    realism: {},
    faults: [{ call: "instantiate", kind: "answer", status: 503, times: forEver }],
  },
  granting: {
    title: "Consent for everybody",
    text: "The provisioning app also holds DelegatedPermissionGrant.ReadWrite.All; users meet no prompt.",
    realism: { appRoles: ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"] },
    faults: [],
  },
};

/** The full realism of a preset: what it does not name is as a rule. */
export function realismOf(preset: Preset): Realism {
  return { ...noRealism, consentPrompts: true, ...preset.realism };
}
