import { randomUUID } from "node:crypto";
import { deleteEnterpriseApplication, newCredential, type SimulatedApplication } from "./directory.ts";

/** One thing that an administrator may do to an application behind the product's back. */
interface Drift {
  readonly title: string;
  act(application: SimulatedApplication): void;
}

const webOf = ({ properties }: SimulatedApplication) => properties["web"] as { redirectUris: string[] };
const endByHand = (): string => new Date(Date.now() + 180 * 24 * 60 * 60_000).toISOString();
const secretByHand = () => newCredential("by hand", endByHand());
const certificateByHand = () => ({
  keyId: randomUUID(),
  displayName: "by hand",
  type: "AsymmetricX509Cert",
  usage: "Verify",
  key: null,
  endDateTime: endByHand(),
});

/** By name, for the portal's buttons and for tests. */
export const drifts = {
  delete_application: {
    title: "Delete the application",
    act(one) {
      one.deletedMs = Date.now();
      one.servicePrincipalDeletedMs ??= one.deletedMs;
    },
  },
  delete_enterprise: { title: "Delete the enterprise application", act: deleteEnterpriseApplication },
  disable: {
    title: "Switch sign-in off",
    act(one) {
      one.disabled = true;
    },
  },
  enable: {
    title: "Allow sign-in",
    act(one) {
      one.disabled = false;
    },
  },
  add_redirect_uri: {
    title: "Add a redirect URI",
    act(one) {
      one.properties = {
        ...one.properties,
        web: {
          ...webOf(one),
          redirectUris: [...webOf(one).redirectUris, "https://elsewhere.example/callback"],
        },
      };
    },
  },
  remove_claims: {
    title: "Remove the optional claims",
    act(one) {
      one.properties = { ...one.properties, optionalClaims: null };
    },
  },
  remove_credentials: {
    title: "Remove the client secrets",
    act(one) {
      one.credentials = [];
    },
  },
  add_credential: {
    title: "Add a client secret",
    act(one) {
      one.credentials.push(secretByHand());
    },
  },
  add_certificate: {
    title: "Add a certificate",
    act(one) {
      one.properties = { ...one.properties, keyCredentials: [certificateByHand()] };
    },
  },
  add_enterprise_credentials: {
    title: "Add a secret and a certificate to the enterprise application",
    act(one) {
      one.servicePrincipalCredentials.push(secretByHand());
      one.servicePrincipalKeys.push(certificateByHand());
    },
  },
  add_federated: {
    title: "Trust another identity provider",
    act(one) {
      const trusted = { issuer: "https://token.example.com", subject: "repo:somebody/elsewhere" };
      one.federated.push({
        id: randomUUID(),
        name: "by-hand",
        ...trusted,
        audiences: ["api://AzureADTokenExchange"],
      });
    },
  },
  turn_assignment: {
    title: "Turn the assignment requirement",
    act(one) {
      one.appRoleAssignmentRequired = !one.appRoleAssignmentRequired;
    },
  },
  withdraw_consent: {
    title: "Withdraw the consent",
    act(one) {
      one.grants = [];
    },
  },
} as const satisfies Record<string, Drift>;
export type DriftName = keyof typeof drifts;

export function driftOf(name: unknown): Drift | undefined {
  return Object.entries(drifts).find(([known]) => known === name)?.[1];
}
