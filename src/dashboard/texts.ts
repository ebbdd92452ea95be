import type { ErrorFacts } from "../domain/error-codes.ts";
import type { StepName } from "../domain/operation-kinds.ts";
import type { StepState } from "../domain/provision-contract.ts";

// Every sentence that a person reads on our pages, apart from the error codes' own (domain/error-codes.ts).

export const whoTexts: Readonly<Record<ErrorFacts["who"], string>> = {
  you: "What you can do",
  entra_admin: "Your Entra administrator",
  authio: "Authio",
  operator: "The operator of this installation",
  wait: "Nobody has to act",
};

export const stepTitles: Readonly<Record<StepName, string>> = {
  instantiateApplication: "Create the application",
  configureOidc: "Set up sign-in",
  beginRenewal: "Find the application",
  restoreApplication: "Bring the application back",
  removeApplication: "Remove the application at Microsoft",
  recordDisconnected: "Note what was removed",
  changeAccess: "Set who may sign in at Microsoft",
  recordAccess: "Note who may sign in",
  releaseAccess: "Remove our app from the directory",
  recordReleased: "Note that our access is released",
  addPassword: "Create the client secret",
  sealSecret: "Encrypt the client secret",
  proveSecret: "Test it with Microsoft",
  upsertConnection: "Switch the connection on",
};

export const stepStateTexts: Readonly<Record<StepState, string>> = {
  pending: "waiting",
  running: "in progress",
  retrying: "trying again",
  done: "done",
  failed: "failed",
};

export const progressTexts = {
  title: "Connecting Microsoft",
  releaseTitle: "Releasing our access",
  waiting:
    "Your approval is recorded. The work begins as soon as our engine is free; nothing is lost meanwhile.",
  working: "Your approval is recorded and the work is under way. It usually takes a few seconds.",
  slow: "Microsoft is slower than usual. We keep trying by ourselves; this can take some minutes.",
  settled: "Finished. Taking you back …",
  mayClose: "You may close this page: it goes on without you, and the dashboard shows the result.",
  connectionLost: "The live view was interrupted. Connecting again …",
  reference: "Reference",
} as const;

export const connectTexts = {
  tab: "Features",
  section: "Single sign-on",
  card: "Microsoft Entra ID",
  intro: "Let your people sign in with their Microsoft work accounts. One approval sets everything up.",
  whatTitle: "What will be created in your directory",
  what: (organization: string): readonly string[] => [
    `One application named “Authio SSO – ${organization}”, for your directory only`,
    "A client secret for it, which is encrypted at once and never shown to anybody",
    "No access to mail, files or calendars: users grant sign-in, name and email address",
  ],
  roleTitle: "Who can approve",
  role: "A Global Administrator or Privileged Role Administrator of your Entra directory, in this browser.",
  permissionTitle: "What our permission allows",
  permission:
    "Microsoft’s page lists what our app asks for: to manage the applications that it creates itself or, depending on how it is registered, all applications. Either way we create and maintain this one application. You can revoke it in Entra at any time; sign-in keeps working, renewal and reconnecting need it again.",
  button: "Connect Microsoft",
  again: "Connect again",
  againHint:
    "Connecting again renews the secret and repairs the application; the connection keeps its id. Only an administrator of this directory can approve it.",
  additional: "Add another directory",
  additionalTitle: "Another directory",
  additionalHint:
    "Connects one more Entra directory beside what is connected. To renew or repair a connection, connect it again instead.",
  byHand: "Set up the connection by hand with",
  byHandWays: [
    ["OIDC", "https://learn.microsoft.com/entra/identity-platform/quickstart-register-app"],
    ["SAML", "https://learn.microsoft.com/entra/identity/enterprise-apps/add-application-portal-setup-sso"],
  ],
  connected: "Microsoft connected",
  connectedHint: "Single sign-on is live. Try it now:",
  testIt: "Test the sign-in",
  trySample: "Try it: sign in to the sample application",
  released: "Our access is released",
  releasedHint: (directory: string) =>
    `Our app is removed from ${directory}. Your administrator can see that in Entra under Enterprise applications, where Microsoft keeps what was deleted for 30 days.`,
  failed: "Microsoft was not connected",
  failedBeside: "This attempt did not succeed",
  renewalFailed: "The secret could not be renewed; sign-in works until",
  promptTitle: "Users will meet a consent prompt",
  prompt:
    "Each user is asked once by Microsoft to accept the application; where your directory does not let users consent, they are stopped. An administrator can accept for everybody with one click.",
  promptButton: "Consent for all users",
  inProgress: "An attempt is under way.",
} as const;

export const auditTexts = {
  title: "Audit",
  hint: "What happened in this organization, newest first. Sign-ins stand here as one number a day, once the day is over.",
  from: "From",
  to: "To",
  show: "Show",
  csv: "Export as CSV",
  jsonl: "Export as JSON lines",
  nothing: "Nothing happened in this time.",
  older: "Older entries",
  by: "by",
  actors: {
    operator: "the operator of this installation",
    system: "this service",
    browser: "a browser without a session",
  } as Readonly<Record<string, string>>,
  /** What an action without an entry is called by its own words. */
  actions: {
    started: "Connect Microsoft was started",
    consented: "Approved at Microsoft",
    proved: "The directory and its administrator were confirmed",
    succeeded: "Done: the connection is live",
    failed: "It did not succeed",
    suspended: "Sign-in was suspended",
    resumed: "Sign-in was resumed",
    renamed: "The connection was renamed",
    setup_link_created: "A setup link was made",
    setup_link_revoked: "A setup link was withdrawn",
    setup_link_reopened: "A setup link was opened again, for one directory",
    approved: "The administrator approved",
    confirmed: "The directory or the browser was confirmed",
    access_change_started: "A change of who may sign in began",
    release_started: "A release of our access began",
    renewal_started: "A renewal of the secret began",
    needs_attention: "Something was changed at Microsoft",
    attention_over: "What was changed at Microsoft is right again",
    secret_expiring: "The secret ends soon and its renewal fails",
    sign_ins_counted: "Sign-ins of a day",
    users_consent_missing: "Users are asked for their consent",
    users_consented: "Users get through without a consent prompt",
  } as Readonly<Record<string, string>>,
  notYours:
    "The audit trail is for owners and admins of the organization. Ask one of them, or choose another time.",
} as const;

export const openAttemptTexts = {
  title: "Waiting for an approval",
  hint: "Started and not approved at Microsoft yet. Cancel what should not go on; it cannot be approved any more then.",
  startedBy: "Started by",
  until: "open until",
  cancel: "Cancel this attempt",
} as const;

export const signedInTexts = {
  title: "Signed in with Microsoft",
  name: "Name",
  email: "Email",
  verified: "verified",
  unverified: "not verified",
  none: "none",
  tenant: "Directory (tenant)",
  objectId: "User id in the directory",
  groups: "Groups",
  tooManyGroups: "too many to list",
  userType: "Kind of account",
  authenticatedAt: "Signed in at Microsoft",
  methods: "Methods",
  unsaid: "not said",
  again: "Sign in again",
} as const;

export const adminConsentTexts = {
  title: "Accepted for all users",
  text: "Microsoft reports that an administrator consented for the whole directory. The dashboard stops asking for it once the first of your users has signed in.",
} as const;

export const errorTexts = {
  retry: "Try again",
  toApplication: "Go to the application",
  signInAgain: "Sign in again",
  back: "Back to the dashboard",
  documentation: "Microsoft’s documentation",
  forAdministrators: "For an administrator of the directory",
  assignmentPage: "who is assigned to this application, in Entra",
  supportTitle: "Details for support",
  supportHint: "Copy this block when you ask for help.",
  code: "Code",
  reference: "Request",
  microsoft: "Microsoft",
  correlation: "Microsoft correlation id",
  time: "Time",
} as const;

export const layoutTexts = {
  product: "Authio Lobby",
  skip: "Skip to the content",
} as const;

export const startingTexts = {
  title: "Starting",
  text: "The product is coming up. This page goes on by itself in a moment.",
} as const;

export const developmentTexts = {
  title: "Development sign-in",
  text: "This dashboard belongs to the embedded stack and asks for no password. Choose who you are:",
  change: "Change person",
} as const;

export const whichDirectoryTexts = {
  title: "Which organization?",
  explain: (application: string) =>
    `${application} signs you in with your organization's Microsoft account. Enter your work e-mail address or its domain.`,
  unknown: "That did not lead to one organization. Check it, or ask your administrator for the sign-in link.",
  domain: "Work e-mail or domain",
  go: "Continue",
  back: (application: string) => `Back to ${application}`,
} as const;

export const whichApplicationTexts = {
  title: "Which application?",
  explain: "Several applications take your Microsoft account. Choose where to go on.",
} as const;

export const signedOutTexts = {
  title: "Signed out",
  explain: (application: string | undefined) =>
    `You are signed out${application === undefined ? "" : ` of ${application}`}. Your Microsoft account stays signed in in this browser until you end that too.`,
  back: "Continue",
  microsoft: "Sign out of Microsoft",
} as const;

export const referenceTexts = {
  title: "API reference",
  document: "The same as an OpenAPI 3.1 document",
  shapes: "Shapes",
  details: "What it takes and answers",
  security: "Who calls is shown by one of",
  parameters: "Parameters",
  body: "Body",
  answer: "Answer",
  optional: "optional",
} as const;
