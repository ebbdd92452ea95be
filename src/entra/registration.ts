import { consentCallbackPath } from "./consent-url.ts";

/** Microsoft Graph itself, and what of it is asked for: an application permission, and two delegated ones. */
const graph = {
  appId: "00000003-0000-0000-c000-000000000000",
  createOwnApplications: "18a4783c-866b-4cc7-a460-3d5e5662c884",
  openid: "37f7f235-527c-4136-accd-4a02d197296e",
  profile: "14dad69e-099b-42c9-810b-d002981feec1",
} as const;

/** The provisioning app as Entra's manifest page and Graph both take it. */
export function registrationManifest(input: { displayName: string; ssoOrigin: string }): object {
  return {
    displayName: input.displayName,
    signInAudience: "AzureADMultipleOrgs",
    web: { redirectUris: [input.ssoOrigin + consentCallbackPath] },
    requiredResourceAccess: [
      {
        resourceAppId: graph.appId,
        resourceAccess: [
          // Application.ReadWrite.OwnedBy
          { id: graph.createOwnApplications, type: "Role" },
          { id: graph.openid, type: "Scope" },
          { id: graph.profile, type: "Scope" },
        ],
      },
    ],
    // Without these two a token does not tell an administrator from a guest, and is refused.
    groupMembershipClaims: "DirectoryRole",
    optionalClaims: { idToken: [{ name: "acct", essential: false }] },
  };
}

/**
 * A script for the Azure CLI: registers the app by its manifest, makes a secret of a year, and adds both to a settings
 * file that only its owner reads. Where that file names an app already it does nothing.
 * @see https://learn.microsoft.com/graph/api/application-post-applications (read November 2026)
 */
export function registrationScript(input: { graphOrigin: string; manifest: object }): string {
  return `#!/bin/sh
# Registers the provisioning app with the Azure CLI (az login first): sh register-in-entra.sh .env
set -eu
umask 077
settings=\${1:?give the file of settings, e.g. .env}
[ -f "$settings" ] || { echo "$settings is not there: make it with ms-provision init" >&2; exit 1; }
if grep -q '^AUTHIO_MS_PROVISION_CLIENT_ID=.' "$settings"; then
  echo "$settings names an app already; nothing was done" >&2
  exit 1
fi
graph=${input.graphOrigin}/v1.0
post() { az rest --method POST --url "$graph/$1" --headers Content-Type=application/json --body "$2" --query "$3" --output tsv; }

manifest=$(cat <<'JSON'
${JSON.stringify(input.manifest, null, 2)}
JSON
)
ids=$(post applications "$manifest" "join(' ', [id, appId])")
object_id=\${ids% *}
client_id=\${ids#* }
echo "registered $client_id"
# Its own enterprise application, so that doctor can try the secret in your directory.
post servicePrincipals "{\\"appId\\": \\"$client_id\\"}" id >/dev/null
ends=$(date -u -d '+1 year' +%Y-%m-%dT00:00:00Z 2>/dev/null || date -u -v+1y +%Y-%m-%dT00:00:00Z)
secret=$(post "applications/$object_id/addPassword" \\
  "{\\"passwordCredential\\": {\\"displayName\\": \\"one-click Microsoft\\", \\"endDateTime\\": \\"$ends\\"}}" secretText)
{
  echo "AUTHIO_MS_PROVISION_CLIENT_ID=$client_id"
  echo "AUTHIO_MS_PROVISION_CLIENT_SECRET='$secret'"
} >>"$settings"
echo "added the app and its secret to $settings; the secret ends $ends"
`;
}
