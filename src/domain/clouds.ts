/** One Microsoft cloud: the hosts and the template that belong together. */
export interface EntraCloud {
  readonly loginOrigin: string;
  readonly graphOrigin: string;
  /** Entra's admin center, for links that administrators open. */
  readonly adminCenterOrigin: string;
  /** Resource whose `.default` scope is asked for; stays the same when the hosts are overridden. */
  readonly graphScope: string;
  /** The custom (non-gallery) application template, which differs by cloud. */
  readonly applicationTemplateId: string;
}

/** @see https://learn.microsoft.com/graph/deployments (read November 2026) */
export const clouds = {
  global: {
    loginOrigin: "https://login.microsoftonline.com",
    graphOrigin: "https://graph.microsoft.com",
    adminCenterOrigin: "https://entra.microsoft.com",
    graphScope: "https://graph.microsoft.com/.default",
    applicationTemplateId: "8adf8e6e-67b2-4cf2-a259-e3dc5476c621",
  },
  usgov: {
    loginOrigin: "https://login.microsoftonline.us",
    graphOrigin: "https://graph.microsoft.us",
    adminCenterOrigin: "https://entra.microsoft.us",
    graphScope: "https://graph.microsoft.us/.default",
    applicationTemplateId: "4602d0b4-76bb-404b-bca9-2652e1a39c6d",
  },
  "usgov-dod": {
    loginOrigin: "https://login.microsoftonline.us",
    graphOrigin: "https://dod-graph.microsoft.us",
    adminCenterOrigin: "https://entra.microsoft.us",
    graphScope: "https://dod-graph.microsoft.us/.default",
    applicationTemplateId: "4602d0b4-76bb-404b-bca9-2652e1a39c6d",
  },
  china: {
    loginOrigin: "https://login.partner.microsoftonline.cn",
    graphOrigin: "https://microsoftgraph.chinacloudapi.cn",
    adminCenterOrigin: "https://entra.microsoftonline.cn",
    graphScope: "https://microsoftgraph.chinacloudapi.cn/.default",
    applicationTemplateId: "5a532e38-1581-4918-9658-008dc27c1d68",
  },
} as const satisfies Record<string, EntraCloud>;

export type CloudName = keyof typeof clouds;

/** Where an administrator of the tenant says who is assigned to an enterprise application: "Users and groups". */
export function assignmentPageOf(
  cloud: EntraCloud,
  one: { readonly entraTenantId: string; readonly servicePrincipalId: string; readonly appId: string },
): string {
  const blade = "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Users";
  return `${cloud.adminCenterOrigin}/${one.entraTenantId}/#view/${blade}/objectId/${one.servicePrincipalId}/appId/${one.appId}`;
}

/** The issuer of a tenant's v2.0 tokens, always with the GUID. */
export function issuerOf(cloud: EntraCloud, tenantId: string): string {
  return `${cloud.loginOrigin}/${tenantId}/v2.0`;
}
