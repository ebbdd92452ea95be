/** The chapters of the reference, in its order. */
export const tags = {
  Connect: "For dashboards: from the click to the live connection.",
  Connections: "For dashboards: what is connected.",
  "Setup links":
    "Hand the approval over to an administrator of the directory who has no account here. Off unless the operator switches them on.",
  "Connecting, in the browser":
    "Where Microsoft sends the administrator who approves, and what is shown meanwhile.",
  "Sign-in": "The platform's way to sign people in: from `initiate` to the exchange of the code.",
  "OpenID Connect": "Sign-in for stock OpenID Connect clients.",
  Operators:
    "For those who run this service: attempts and connections of every organization, and the feed of events.",
  Webhooks: "For operators: events as signed posts.",
  Service: "Liveness, readiness and this reference.",
} as const;

export type Tag = keyof typeof tags;
