import { CodedError } from "../domain/coded-error.ts";
import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";

const lookAgainMs = 2000;

/**
 * Takes away every way to act as the application but the secrets with our mark: secrets, certificates and identities
 * elsewhere, of the application and of its service principal. What cannot be listed or removed fails the step, for it
 * would serve somebody unseen.
 * @throws {CodedError} application_not_ready while one is still visible, and as Microsoft refused
 */
export async function removeForeignCredentials(
  applications: GraphApplications,
  ids: ApplicationIds,
  mark: string,
): Promise<void> {
  const removals = await listRemovals(applications, ids, mark);
  for (const remove of removals) await remove();
  if (removals.length > 0 && (await listRemovals(applications, ids, mark)).length > 0)
    throw notReady("a credential that came back is still there");
}

async function listRemovals(
  applications: GraphApplications,
  { appObjectId, servicePrincipalId }: ApplicationIds,
  mark: string,
): Promise<(() => Promise<void>)[]> {
  const { ofPrincipal } = applications;
  const application = await applications.listCredentials(appObjectId);
  const principal = await ofPrincipal.listCredentials(servicePrincipalId);
  if (!application || !principal) throw notReady("its credentials are not visible yet");
  const federated = await applications.listFederated(appObjectId);
  const passwords = application.passwordCredentials
    .filter(({ displayName }) => !displayName?.startsWith(`${mark}.`))
    .map(({ keyId }) => keyId);
  const principalPasswords = principal.passwordCredentials.map(({ keyId }) => keyId);
  return [
    ...passwords.map((keyId) => () => applications.removePassword(appObjectId, keyId)),
    // We make nothing of the other kinds: whose they were, they go.
    ...(application.keyCredentials.length > 0 ? [() => applications.removeKeys(appObjectId)] : []),
    ...federated.map((id) => () => applications.removeFederated(appObjectId, id)),
    ...principalPasswords.map((keyId) => () => ofPrincipal.removePassword(servicePrincipalId, keyId)),
    ...(principal.keyCredentials.length > 0 ? [() => ofPrincipal.removeKeys(servicePrincipalId)] : []),
  ];
}

const notReady = (why: string) => new CodedError("application_not_ready", why, { retryAfterMs: lookAgainMs });
