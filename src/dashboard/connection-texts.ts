// What a connection's card says.

export const cardTexts = {
  state: "State",
  states: {
    active: "Active: people can sign in",
    suspended: "Suspended: nobody can sign in",
    disconnected: "Disconnected: nobody can sign in with it any more",
  },
  directory: "Directory",
  verified: "verified",
  tenant: "Tenant id",
  connected: "Connected",
  connectedBy: (who: string, day: string) => `by ${who} on ${day}`,
  access: "Who may sign in",
  accesses: { everyone: "Everyone in the directory", assigned: "Assigned users only" },
  changeAccess: "Change who may sign in",
  accessMeans:
    "It is changed at Microsoft first. With assigned users only, Microsoft refuses everybody whom no administrator has assigned to the application, with AADSTS50105; members of groups within an assigned group count as not assigned.",
  saveAccess: "Change it at Microsoft",
  accessFailed: "Who may sign in could not be changed:",
  secret: "Client secret",
  secretRenewed: (from: string, until: string) => `Renewed by us from ${from} on; this one ends ${until}`,
  secretFails: (until: string) => `Its renewal fails, and we keep trying; this one ends ${until}`,
  lastSignIn: "Last sign-in",
  noSignIn: "Nobody has signed in yet",
  lastFailure: "Last refused sign-in",
  failures: "Sign-ins that were refused within seven days",
  failuresHint: "Numbers by day (UTC) and cause; who it was is not kept.",
  details: "Ids and sign-in link",
  application: "Application (client) id",
  connectionId: "Connection",
  signInLink: "Sign-in link",
  newTab: "(opens in a new tab)",
  suspend: "Suspend sign-in",
  suspendHint:
    "Nobody can sign in with this directory from then on, until you resume it. Nothing changes at Microsoft.",
  resume: "Resume sign-in",
  suspendedTitle: "Sign-in is suspended",
  suspendedMeans: "Nobody can sign in with this directory, and sign-ins that were under way have ended.",
  ownersResume: (organization: string) => `An owner or admin of ${organization} can resume it at any time.`,
  operatorResumes: "Whoever runs this service suspended it, and alone can resume it: ask them.",
  suspendedKeeps:
    "Nothing was changed at Microsoft: the application and everybody’s consent are as they were, and the secret is still renewed. To connect again, resume it first.",
  disconnect: "Disconnect",
  disconnectMeans: (count: number, last: string) =>
    `${count === 0 ? "Nobody has signed in within 30 days" : `${count} sign-in${count === 1 ? "" : "s"} within 30 days`}; last: ${last}. Nobody can sign in with this directory from then on. The application and its credentials are removed at Microsoft, and for 30 days you can restore all of it.`,
  confirmation: (name: string) => `Type “${name}” to confirm`,
  disconnectNow: "Disconnect for good",
  restoreMeans: (day: string) =>
    `Until ${day} it can be restored: the same application and the same people, with a new secret. After that, or once the directory is connected anew, it cannot.`,
  restore: "Restore the connection",
  operatorRestores: (day: string) =>
    `Whoever runs this service disconnected it, and alone can restore it, until ${day}: ask them.`,
  release: "Release our access to the directory",
  releaseMeans:
    "Our app is removed from your directory, once an administrator of it has signed in to show that this is wanted. From then on we can neither renew the secret, nor repair, change or remove this connection’s application, nor restore it; to connect again your administrator approves again.",
  releaseLive: (until: string) =>
    `People can sign in until the client secret ends on ${until}. If the application is to go too, disconnect first.`,
  releaseByHand:
    "Where Microsoft does not let us do it, your administrator does: in the Entra admin center under Enterprise applications, our app, Properties, Delete.",
  releaseNow: "Release and prove at Microsoft",
  released: (day: string) =>
    `Our access to this directory was released on ${day}. Connecting it again asks its administrator to approve again.`,
  secretLeft: (until: string) => `Not renewed any more, since our access was released; it ends ${until}`,
  underWay: {
    disconnect: "Being removed at Microsoft",
    restore: "Being restored",
    connect: "Being connected",
    renew: "Its secret is being renewed",
    change_access: "Who may sign in is being changed at Microsoft",
    release: "Our access to the directory is being released",
  },
  refresh: "Look again",
  rename: "Rename",
  name: "Name",
  nameHint: "Shown in the dashboard. Empty: Microsoft’s own.",
  save: "Save the name",
} as const;

export const attentionTexts = {
  title: "This connection needs attention",
  since: "seen since",
  notSilently: "Nothing was changed back: what is in your directory is yours to decide. We look once a day.",
  resumeFirst: "To repair it, resume sign-in first.",
  repair: "Repair: connect again",
} as const;
