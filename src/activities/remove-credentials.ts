import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { AppObjectId, ServicePrincipalId } from "../domain/ids.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { Held, HeldCredentials } from "../entra/held-credentials.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import { notReady } from "./not-ready.ts";

/** Whose credentials go. Undefined: there is no service principal. */
type Holders = Pick<ApplicationIds, "appObjectId"> & {
  readonly servicePrincipalId: ServicePrincipalId | undefined;
};
type Removal = () => Promise<void>;

/**
 * Takes away every way to act as an application but the secrets with the mark: secrets, certificates and identities
 * elsewhere, of the application and of its service principal. What Microsoft answers to one keeps none of the others.
 * @returns false where the application is not visible
 * @throws {CodedError} application_not_ready while one is still visible, and what was answered to one that could not be
 *   removed: it would serve somebody unseen
 */
export async function removeCredentials(
  applications: GraphApplications,
  holders: Holders,
  keptMark?: string,
): Promise<boolean> {
  const removals = await listRemovals(applications, holders, keptMark);
  if (!removals) return false;
  const failed = new Set<unknown>();
  for (const remove of removals)
    await remove().catch((error: unknown) => {
      if (!isOfOneCall(error)) throw error;
      failed.add(error);
    });
  for (const error of failed) throw error;
  if (removals.length === 0) return true;
  const left = await listRemovals(applications, holders, keptMark);
  if (left && left.length > 0) throw notReady("a credential is still there");
  return left !== undefined;
}

/** Undefined where the application is not visible. */
async function listRemovals(
  { ofPrincipal, ...ofApplication }: GraphApplications,
  { appObjectId, servicePrincipalId }: Holders,
  keptMark: string | undefined,
): Promise<Removal[] | undefined> {
  const held = await ofApplication.listCredentials(appObjectId);
  if (!held) return undefined;
  const isOthers = ({ displayName }: Held["passwordCredentials"][number]): boolean =>
    keptMark === undefined || !displayName?.startsWith(`${keptMark}.`);
  const own = { ...held, passwordCredentials: held.passwordCredentials.filter(isOthers) };
  return [
    ...removalsOf(ofApplication, appObjectId, own),
    ...(servicePrincipalId === undefined
      ? []
      : await orFailed(async () => {
          const principal = await ofPrincipal.listCredentials(servicePrincipalId);
          if (!principal) throw notReady("its service principal is not visible");
          return removalsOf(ofPrincipal, servicePrincipalId, principal);
        })),
    ...(await orFailed(async () =>
      (await ofApplication.listFederated(appObjectId)).map(
        (id) => () => ofApplication.removeFederated(appObjectId, id),
      ),
    )),
  ];
}

function removalsOf<Id extends AppObjectId | ServicePrincipalId>(
  holder: HeldCredentials<Id>,
  id: Id,
  { passwordCredentials, keyCredentials }: Held,
): Removal[] {
  return [
    ...passwordCredentials.map(
      ({ keyId }) =>
        () =>
          holder.removePassword(id, keyId),
    ),
    // We make nothing of the other kinds: whose they were, they go.
    ...(keyCredentials.length > 0 ? [() => holder.removeKeys(id)] : []),
  ];
}

/** What cannot be listed counts as one that cannot be removed. */
async function orFailed(list: () => Promise<Removal[]>): Promise<Removal[]> {
  try {
    return await list();
  } catch (error) {
    if (!isOfOneCall(error)) throw error;
    return [() => Promise.reject(error)];
  }
}

/** An answer that says nothing about the next call: Microsoft is there, and lets us go on. */
const isOfOneCall = (error: unknown): boolean =>
  error instanceof MicrosoftError && error.facts.status >= 400 && error.code !== "microsoft_throttled";
