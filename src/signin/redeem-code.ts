import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../db/client.ts";
import { findConnection } from "../db/sso-connections.ts";
import { recordConsentMissing } from "../db/users-consent.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import { CodedError } from "../domain/coded-error.ts";
import { secretSince, type SsoConnection } from "../domain/sso-connection.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { exchangeCode } from "../entra/exchange-code.ts";
import { judgeExchange, OAuthRefusal } from "../entra/judge-answer.ts";
import { storageContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { SealingError } from "../sealing/sealing-error.ts";
import { readSignedIn, type SignedIn } from "./identity.ts";
import type { SignInFlow } from "./sign-in-flow.ts";

/** Replication of a new secret across Microsoft's token servers is over by then. */
const youngSecretMs = 10 * 60_000;
const youngSecretPausesMs = [500, 1000, 2000, 4000];

/**
 * Exchanges a code with Microsoft for who signed in; the sealed secret is opened here and nowhere else. A refused secret
 * leaves the code unspent. So the row is read again, since a renewal may have switched the secret meanwhile; and what
 * some of Microsoft's servers may not know yet, a young secret or application, is tried again.
 */
export function createCodeRedemption(deps: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  database: Database;
  keyWrapping: KeyWrapping;
  allowInsecure: boolean;
}): (given: SsoConnection, flow: SignInFlow, callback: URL) => Promise<SignedIn> {
  const { telemetry, cloud, allowInsecure } = deps;

  async function redeem(connection: SsoConnection, flow: SignInFlow, callback: URL): Promise<SignedIn> {
    if (connection.sealedSecret === null) throw new CodedError("signin_disconnected");
    const clientSecret = await open(
      deps.keyWrapping,
      "sso-secret",
      storageContext({ ...connection, connectionId: connection.id }),
      connection.sealedSecret,
    );
    const claims = await exchangeCode(
      { telemetry, cloud, clientId: connection.appId, clientSecret, allowInsecure, mayHaveOwnKeys: true },
      connection.entraTenantId,
      { callback, state: flow.s, nonce: flow.n, verifier: flow.v, invalid: "signin_token_invalid" },
    );
    return readSignedIn(connection, claims);
  }

  return async (given, flow, callback) => {
    let connection = given;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await redeem(connection, flow, callback);
      } catch (error) {
        const coded = asCoded(error);
        const spreads = coded instanceof OAuthRefusal && coded.kind === "spreads";
        // By Microsoft's own answer to us: what a browser brings says nothing of others.
        if (coded.microsoft?.code === "AADSTS65001")
          await recordConsentMissing(deps.database, connection).catch(() => undefined);
        if (coded.code !== "signin_secret_refused" && !spreads) throw coded;
        const current = (await findConnection(deps.database, connection.id)) ?? connection;
        const renewed = current.secretKeyId !== connection.secretKeyId && current.appId === connection.appId;
        const pauseMs = youngSecretPausesMs[attempt];
        const isYoung = Date.now() - secretSince(current).getTime() < youngSecretMs;
        if (pauseMs === undefined || (!renewed && !isYoung)) throw coded;
        if (!renewed) await sleep(pauseMs);
        connection = current;
      }
    }
  };
}

function asCoded(error: unknown): CodedError {
  return error instanceof SealingError ? error : new OAuthRefusal(judgeExchange(error, "sign_in_code"));
}
