import {
  graphTime,
  newCredential,
  type SimulatedApplication,
  type SimulatedCredential,
  type SimulatedTenant,
} from "./directory.ts";
import { type GraphRoute, notFound } from "./graph-route.ts";
import { graphError, type World } from "./world.ts";

/** Does something with an application that its tenant has, or answers that there is none. */
export type WithApplication = (
  tenant: SimulatedTenant,
  id: string,
  work: (found: SimulatedApplication) => Response,
) => Response;

const dayMs = 24 * 60 * 60_000;

/** Client secrets of applications, the tenant's policies about them, and who may act without one. */
export function credentialRoutes(world: World, route: GraphRoute, withOwnApplication: WithApplication): void {
  route("get", "/applications/:id/federatedIdentityCredentials", "listFederated", ({ tenant, id }) =>
    withOwnApplication(tenant, id, ({ federated }) => Response.json({ value: federated })),
  );

  route(
    "delete",
    "/applications/:id/federatedIdentityCredentials/:part",
    "removeFederated",
    ({ tenant, id, part }) =>
      withOwnApplication(tenant, id, (found) => {
        const kept = found.federated.filter((one) => one.id !== part);
        if (kept.length === found.federated.length) return notFound(part);
        found.federated = kept;
        return new Response(null, { status: 204 });
      }),
  );

  route("post", "/applications/:id/addPassword", "addPassword", ({ tenant, id, body }) =>
    withOwnApplication(tenant, id, (found) => {
      const wanted = body["passwordCredential"] as { displayName?: string; endDateTime?: string } | undefined;
      if (!wanted) return graphError(400, "Request_BadRequest", "passwordCredential is required.");
      const end = wanted.endDateTime ?? new Date(Date.now() + 730 * dayMs).toISOString();
      const { secretLifetimeMaxDays } = world.realism;
      if (secretLifetimeMaxDays === 0)
        return graphError(
          400,
          "CredentialTypeNotAllowedAsPerAppPolicy",
          "Credential type not allowed as per assigned policy.",
        );
      if (
        secretLifetimeMaxDays !== null &&
        Date.parse(end) - Date.now() > secretLifetimeMaxDays * dayMs + 60_000
      )
        return graphError(
          400,
          "CredentialInvalidLifetimeAsPerAppPolicy",
          "Credential lifetime exceeds the max value allowed as per assigned policy.",
        );
      const made = newCredential(wanted.displayName ?? null, end);
      found.credentials.push(made);
      const { createdMs: _created, secretHash: _hash, ...shown } = made;
      return Response.json({ ...shown, customKeyIdentifier: null });
    }),
  );

  route("post", "/applications/:id/removePassword", "removePassword", ({ tenant, id, body }) =>
    withOwnApplication(tenant, id, (found) => {
      const kept = without(found.credentials, body["keyId"]);
      if (!kept) return noSuchPassword();
      found.credentials = kept;
      return new Response(null, { status: 204 });
    }),
  );
}

/** Undefined: there is none of that key. */
export function without(
  credentials: readonly SimulatedCredential[],
  keyId: unknown,
): SimulatedCredential[] | undefined {
  const kept = credentials.filter((one) => one.keyId !== keyId);
  return kept.length === credentials.length ? undefined : kept;
}

export const noSuchPassword = (): Response =>
  graphError(400, "Request_BadRequest", "No password credential found with keyId.");

/** As Graph shows it once it was minted. */
export function credentialView(credential: SimulatedCredential): object {
  const { secretText: _secret, secretHash: _hash, createdMs: _created, ...shown } = credential;
  return {
    ...shown,
    customKeyIdentifier: null,
    secretText: null,
    startDateTime: graphTime(new Date(shown.startDateTime)),
  };
}
