import type { Identity } from "../domain/identity.ts";
import type { AccessChoice } from "../domain/connection-operation.ts";
import { verdictTexts as texts } from "./verdict-texts.ts";

/** `fail`: an application would refuse the account. */
export interface Verdict {
  readonly name: string;
  readonly outcome: "pass" | "warn" | "fail";
  readonly sentence: string;
}

/** A test sign-in that Microsoft's answer passed: a wrong issuer or nonce gets a refusal and never comes here. */
export interface TestedSignIn {
  readonly identity: Pick<Identity, "email" | "email_verified" | "groups" | "groups_overage" | "user_type">;
  readonly issuer: string;
  readonly access: AccessChoice;
  /** Whether an application of the project lets guests in where everyone may sign in. */
  readonly someAdmitGuests: boolean;
  /** Whether users who are no administrators are known to get in; undefined: it could not be looked up. */
  readonly othersGetIn: boolean | undefined;
}

/** One verdict for each thing that decides whether people get in and what applications learn of them. */
export function signInVerdicts(tested: TestedSignIn): readonly Verdict[] {
  return [
    { name: texts.issuer.name, outcome: "pass", sentence: texts.issuer.pass(tested.issuer) },
    { name: texts.nonce.name, outcome: "pass", sentence: texts.nonce.pass },
    emailVerdict(tested),
    groupsVerdict(tested),
    userTypeVerdict(tested),
    { name: texts.assignment.name, outcome: "pass", sentence: texts.assignment[tested.access] },
    ...othersVerdict(tested),
  ];
}

function emailVerdict({ identity }: TestedSignIn): Verdict {
  const { name } = texts.email;
  if (identity.email === undefined) return { name, outcome: "warn", sentence: texts.email.none };
  return identity.email_verified
    ? { name, outcome: "pass", sentence: texts.email.pass }
    : { name, outcome: "warn", sentence: texts.email.unverified };
}

function groupsVerdict({ identity: { groups, groups_overage: isOverage } }: TestedSignIn): Verdict {
  const { name } = texts.groups;
  if (groups === null)
    return { name, outcome: "warn", sentence: isOverage ? texts.groups.overage : texts.groups.unreadable };
  return {
    name,
    outcome: "pass",
    sentence: groups.length === 0 ? texts.groups.none : texts.groups.listed(groups.length),
  };
}

/** As a hand-off to an application judges it. */
function userTypeVerdict({ identity: { user_type: type }, access, someAdmitGuests }: TestedSignIn): Verdict {
  const { name } = texts.userType;
  const sentence = texts.userType[type];
  if (type === "member") return { name, outcome: "pass", sentence };
  if (access === "assigned")
    return {
      name,
      outcome: type === "guest" ? "pass" : "warn",
      sentence: `${sentence} ${texts.userType.assigned}`,
    };
  return someAdmitGuests
    ? { name, outcome: "warn", sentence: `${sentence} ${texts.userType.admitted}` }
    : { name, outcome: "fail", sentence: `${sentence} ${texts.userType.refused}` };
}

function othersVerdict({ othersGetIn }: TestedSignIn): readonly Verdict[] {
  const { name } = texts.others;
  if (othersGetIn === undefined) return [];
  return othersGetIn
    ? [{ name, outcome: "pass", sentence: texts.others.pass }]
    : [{ name, outcome: "warn", sentence: texts.others.unknown }];
}
