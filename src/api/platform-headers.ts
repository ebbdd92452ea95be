/** Headers that the platform's SDKs send along, beside their authorization; a page of another origin may send them too. */
export const callerHeaders = [
  "authorization",
  "content-type",
  "x-authio-tenant",
  "x-authio-project",
  "x-authio-organization",
  "x-authio-sdk",
];
