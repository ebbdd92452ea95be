import { decodeJwt } from "jose";
import { z } from "zod";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { SecretText } from "../domain/secret-text.ts";
import { noTelemetry } from "../domain/telemetry.ts";
import { requestAppToken } from "./app-token.ts";
import { answerBytesMax } from "./bounded-fetch.ts";
import { odataString } from "./graph-client.ts";
import { listOf } from "./graph-responses.schema.ts";
import { readAnswer } from "./http-answer.ts";

const registrationSchema = z.object({
  web: z.object({ redirectUris: z.array(z.string()).nullish() }).nullish(),
  passwordCredentials: z
    .array(z.object({ hint: z.string().nullish(), endDateTime: z.iso.datetime({ offset: true }) }))
    .nullish(),
});

/** The provisioning app as its own directory shows it. */
export interface OwnApplication {
  /** Application roles in the token. */
  readonly roles: readonly string[];
  /** Its registration; undefined where the app may not read it. */
  readonly registration:
    | {
        readonly redirectUris: readonly string[];
        /** End of the secret that we use; undefined where it cannot be told from the others. */
        readonly secretEndsAt: Date | undefined;
      }
    | undefined;
}

const timeoutMs = 8000;
/** Entra shows the first three characters of a secret. */
const hintUnits = 3;

/**
 * Tries our own credential in the operator's tenant, and reads the app's registration there where its roles allow it.
 * @throws {MicrosoftError} as the token endpoint refused: provisioning_credential_refused, consent_not_effective, …
 */
export async function lookAtOwnApplication(app: {
  cloud: EntraCloud;
  tenantId: EntraTenantId;
  clientId: string;
  clientSecret: SecretText;
}): Promise<OwnApplication> {
  const { accessToken } = await requestAppToken({ ...app, telemetry: noTelemetry, timeoutMs });
  const { roles } = decodeJwt(accessToken);
  return {
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
    registration: await readRegistration(app, accessToken).catch(() => undefined),
  };
}

async function readRegistration(
  { cloud, clientId, clientSecret }: { cloud: EntraCloud; clientId: string; clientSecret: SecretText },
  accessToken: string,
): Promise<OwnApplication["registration"]> {
  const url = new URL(`${cloud.graphOrigin}/v1.0/applications`);
  url.searchParams.set("$filter", `appId eq ${odataString(clientId)}`);
  url.searchParams.set("$select", "web,passwordCredentials");
  const answer = await readAnswer(
    { name: "own application", telemetry: noTelemetry },
    (signal) =>
      fetch(url, { signal, redirect: "manual", headers: { authorization: `Bearer ${accessToken}` } }),
    { timeoutMs, bytesMax: answerBytesMax.graph },
  );
  const read = listOf(registrationSchema).safeParse(answer.json);
  const [found] = answer.status === 200 && read.success ? read.data.value : [];
  if (!found) return undefined;
  const hint = clientSecret.reveal().slice(0, hintUnits);
  const ours = (found.passwordCredentials ?? []).filter((one) => one.hint === hint);
  return {
    redirectUris: found.web?.redirectUris ?? [],
    secretEndsAt: ours.length === 1 && ours[0] ? new Date(ours[0].endDateTime) : undefined,
  };
}
