import { hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Database } from "../db/client.ts";
import { hashOf } from "../db/hash-of.ts";
import { type AtEpoch, findToken, spendCode, storeCode, storeToken } from "../db/signin-codes.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { Authentication, Identity } from "../domain/identity.ts";
import type { ApplicationPurpose } from "../domain/sign-in-purpose.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { decrypt, encrypt } from "../sealing/aes-gcm.ts";

/** What a code stands for. */
export interface CodeGrant {
  readonly purpose: ApplicationPurpose;
  readonly identity: Identity;
  readonly authentication: Authentication;
  /** The sign-in, as tokens and `session.revoked` name it. */
  readonly sid: string;
}

/** What a code gave to the one who spent it first. */
export interface SpentGrant {
  readonly grant: CodeGrant;
  readonly connection: SsoConnection;
  readonly codeHash: string;
}

/** One-use codes, and the opaque tokens that they gave. Plaintext of neither is stored: both open what they stand for. */
export interface CodeStore {
  /** A code, good for 90 s. @throws {CodedError} signin_state_invalid where the connection changed since the sign-in began */
  issue(grant: CodeGrant, at: AtEpoch): Promise<string>;
  /** Spends the code, right or wrong. Undefined unless this was the first use, in time, with the connection as it was. */
  spend(code: string): Promise<SpentGrant | undefined>;
  /** An opaque token for what a code gave. @throws {CodedError} invalid_grant where the connection changed meanwhile */
  issueToken(spent: SpentGrant, claims: object, lifetimeSeconds: number): Promise<string>;
  /** What the token stands for; undefined when it is over or was revoked. */
  readToken(token: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

const codeSeconds = 90;
const tokenShape = /^[\w-]{43}$/;
const storedSchema = z.record(z.string(), z.unknown());

export function createCodeStore(database: Database): CodeStore {
  return {
    async issue(grant, at) {
      const code = newSecret();
      const isStored = await storeCode(database, {
        ...at,
        codeHash: hashOf(code),
        clientId: grant.purpose.clientId,
        sid: grant.sid,
        sealed: sealUnder(code, "code", grant),
        lifetimeSeconds: codeSeconds,
      });
      if (!isStored) throw new CodedError("signin_state_invalid");
      return code;
    },
    async spend(code) {
      if (!tokenShape.test(code)) return undefined;
      const codeHash = hashOf(code);
      const spent = await spendCode(database, codeHash);
      if (spent.kind !== "fresh") return undefined;
      return {
        grant: openUnder(code, "code", spent.sealed) as unknown as CodeGrant,
        connection: spent.connection,
        codeHash,
      };
    },
    async issueToken({ grant, connection, codeHash }, claims, lifetimeSeconds) {
      const token = newSecret();
      const isStored = await storeToken(database, {
        tokenHash: hashOf(token),
        codeHash,
        clientId: grant.purpose.clientId,
        connectionId: connection.id,
        epoch: connection.epoch,
        sid: grant.sid,
        sealed: sealUnder(token, "token", claims),
        lifetimeSeconds,
      });
      if (!isStored) throw new CodedError("invalid_grant");
      return token;
    },
    async readToken(token) {
      if (!tokenShape.test(token)) return undefined;
      const found = await findToken(database, hashOf(token));
      return found && openUnder(token, "token", found.sealed);
    },
  };
}

const newSecret = (): string => randomBytes(32).toString("base64url");

type Use = "code" | "token";

/** HKDF-SHA-256 (RFC 5869): 256 random bits need no stretching. */
function keyOf(secret: string, use: Use): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), `authio/signin-${use}/v1`, 32));
}

function sealUnder(secret: string, use: Use, value: object): string {
  const plaintext = Buffer.from(JSON.stringify(value), "utf8");
  return encrypt(keyOf(secret, use), plaintext, Buffer.from(use)).toString("base64url");
}

function openUnder(secret: string, use: Use, sealed: string): Record<string, unknown> {
  const plaintext = decrypt(keyOf(secret, use), Buffer.from(sealed, "base64url"), Buffer.from(use));
  return storedSchema.parse(JSON.parse(plaintext.toString("utf8")));
}
