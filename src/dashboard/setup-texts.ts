/** Sentences of the pages that an administrator without an account sees, and of the owner's part on the dashboard. */
export const setupTexts = {
  title: (organization: string) => `${organization} asks you to connect Microsoft`,
  intro: (organization: string) =>
    `You were sent a link because you administer a Microsoft Entra directory. ${organization} would like its people to sign in with their Microsoft work accounts of that directory.`,
  who: "Who is asking",
  organization: "Organization",
  requester: "Asked for by",
  operator: "Service",
  operatorOf: (sso: string, dashboard: string) =>
    sso === dashboard ? sso : `${sso}, with its dashboard at ${dashboard}`,
  unsure:
    "Do you know this organization and this person? If you did not expect this, close the page: nothing has happened.",
  nextTitle: "What happens next",
  steps: [
    "You sign in at Microsoft and approve what its page lists.",
    "You come back here and say whether this is really yours.",
    "The organization sees your directory’s name and confirms. Only then is anything created.",
  ],
  press: "Continue to Microsoft",
  back: "Back",
  asked: {
    title: "Is this yours to approve?",
    hint: "Microsoft confirmed who you are. Nothing is created yet.",
    account: "Your account",
    tenant: "Your directory (tenant)",
    meaning: (organization: string) =>
      `If you approve, people of your directory will be able to sign in to ${organization} once it has confirmed.`,
    approve: "Approve",
    refuse: "This is not mine",
  },
  approved: {
    title: "Thank you. You approved",
    hint: (organization: string) =>
      `${organization} must now confirm your directory, within an hour of your sign-in at Microsoft. After that it has to ask you to open the link once more. You may close this page.`,
    refuseHint: "You can still take it back until the organization has confirmed.",
    again: "Look again",
    on: "Continue",
  },
  confirmed: {
    title: "The organization confirmed",
    under: "The connection is being set up; the organization’s dashboard shows how far it is.",
    live: "The connection is live. You can manage or remove its application in Entra at any time.",
    failed: "Setting it up did not succeed. The organization’s dashboard says why and what to do.",
  },
  refused: {
    title: "Nothing was set up",
    hint: "You said that this is not yours. Tell whoever sent you the link. What you accepted on Microsoft’s page can be revoked in Entra, under Enterprise applications.",
  },
  pending: {
    title: "Not finished at Microsoft",
    hint: "Your approval did not come back yet. Go on in the tab with Microsoft’s page, or open the link again to begin anew.",
  },
  tryAgain: "Open the link that you were sent to try once more.",
} as const;

/** The owner's part, on the dashboard. */
export const handOverTexts = {
  summary: "I am not that administrator",
  hint: "Make a link for whoever administers your Entra directory. They need no account here. You confirm their directory before anything is created.",
  which: "What for",
  again: (name: string, directory: string) => `Connect again: ${name}, ${directory}`,
  additional: "Another directory",
  domain: "Domain of the directory you expect (optional)",
  email: "Their e-mail address, for your own list (optional)",
  make: "Make a link",
  madeTitle: "Send this link to the administrator",
  made: "It is shown this once. Whoever has it can offer a directory; nothing is created before you confirm.",
  link: "Link",
  copy: "Copy the link",
  copied: "Copied",
  until: "good until",
  title: "Setup links",
  status: {
    open: "not used yet",
    in_progress: "somebody is at Microsoft with it",
    proved: "an administrator signed in and has not approved yet",
    approved: "approved, waiting for you",
    confirmed: "used",
    revoked: "revoked",
    expired: "expired",
  },
  madeBy: "Made by",
  for: "for",
  revoke: "Revoke this link",
  confirmTitle: "Confirm the directory",
  directory: "Directory (tenant)",
  ownDomain: "Its domain",
  noDomain: "none that Microsoft’s discovery confirms",
  approvedBy: "Approved by",
  approvedAt: "Approved at",
  warning:
    "Whoever runs this directory can sign in as anyone of your organization. Confirm only a directory that you know.",
  expected: (domain: string) =>
    `You made this link for ${domain}, which does not lead to this directory. To confirm it all the same, type`,
  confirm: "Confirm and connect",
} as const;
