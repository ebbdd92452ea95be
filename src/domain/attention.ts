import type { ErrorFacts } from "./error-codes.ts";

/** What was changed at Microsoft behind the connection's back, or by the release that its owner asked for. */
export const attentionCodes = [
  "application_missing",
  "service_principal_missing",
  "application_disabled",
  "redirect_uri_changed",
  "claims_changed",
  "credential_missing",
  "credential_foreign",
  "assignment_changed",
  "users_consent_missing",
  "access_released",
] as const;
export type AttentionCode = (typeof attentionCodes)[number];

export interface AttentionFacts {
  readonly title: string;
  /** What it means for those who sign in. */
  readonly detail: string;
  readonly who: ErrorFacts["who"];
  readonly action: string;
  /** Connecting the directory again sets it right. */
  readonly isMendedByConnecting: boolean;
}

const facts: Readonly<Record<AttentionCode, AttentionFacts>> = {
  application_missing: {
    title: "The application is gone from your directory",
    detail: "Somebody deleted it in Entra. Nobody can sign in.",
    who: "you",
    action:
      "Restore it in Entra under App registrations, Deleted applications (within 30 days), or connect Microsoft once more: that makes a new application, and the connection keeps its id.",
    isMendedByConnecting: true,
  },
  service_principal_missing: {
    title: "The enterprise application is gone from your directory",
    detail: "Somebody deleted it and left the registration. Nobody can sign in.",
    who: "you",
    action: "Connect Microsoft once more; it is made anew. Who was assigned to it must be assigned again.",
    isMendedByConnecting: true,
  },
  application_disabled: {
    title: "The application is disabled in your directory",
    detail: "Somebody switched off sign-in for it in Entra. Nobody can sign in.",
    who: "entra_admin",
    action:
      "Switch it on again in Entra, under the enterprise application's properties. We do not undo that by ourselves.",
    isMendedByConnecting: false,
  },
  redirect_uri_changed: {
    title: "The application's redirect addresses were changed",
    detail:
      "They are not the one that was set: either nobody can sign in, or sign-ins may be sent to an address that is not ours.",
    who: "you",
    action: "Ask your Entra administrator who changed it. Connecting Microsoft once more sets ours alone.",
    isMendedByConnecting: true,
  },
  claims_changed: {
    title: "The application's claims were changed",
    detail: "Claims that were set are missing, so applications may not learn e-mail addresses or groups.",
    who: "you",
    action: "Connect Microsoft once more; it sets them again.",
    isMendedByConnecting: true,
  },
  credential_missing: {
    title: "Our client secret was removed",
    detail: "Somebody removed it from the application in Entra. Nobody can sign in.",
    who: "you",
    action: "Connect Microsoft once more; it gets a new one.",
    isMendedByConnecting: true,
  },
  credential_foreign: {
    title: "The application has a credential that is not ours",
    detail:
      "Somebody added a secret, a certificate or a federated credential: whoever has it can act as this application.",
    who: "entra_admin",
    action:
      "Remove it in Entra under the application's Certificates & secrets, unless your organization added it on purpose.",
    isMendedByConnecting: false,
  },
  assignment_changed: {
    title: "Who may sign in was changed at Microsoft",
    detail: "Microsoft asks for an assignment where the connection says everyone, or the other way round.",
    who: "you",
    action:
      "Choose who may sign in; that sets it at Microsoft. Connecting Microsoft once more sets what the connection says.",
    isMendedByConnecting: true,
  },
  users_consent_missing: {
    title: "The consent for all users is gone",
    detail: "Users are asked by Microsoft again, and stopped where your directory does not let them consent.",
    who: "you",
    action: "Connect Microsoft once more, or have an administrator consent for all users.",
    isMendedByConnecting: true,
  },
  access_released: {
    title: "Our access to your directory was released",
    detail:
      "People go on signing in until the client secret ends. It cannot be renewed, repaired or removed by us any more.",
    who: "you",
    action:
      "Before the secret ends, connect Microsoft once more; your administrator is asked to approve again.",
    isMendedByConnecting: true,
  },
};

export function factsOfAttention(code: AttentionCode): AttentionFacts {
  return facts[code];
}
