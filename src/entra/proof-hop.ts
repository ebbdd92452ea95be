import { createHmac, timingSafeEqual } from "node:crypto";
import type { ProvisionRequestId } from "../domain/ids.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";

/** One redirect to Microsoft that asks for an id_token; the number counts them. */
export interface ProofHop {
  readonly requestId: ProvisionRequestId;
  readonly number: number;
  readonly prompt: "silent" | "interactive";
}

/** The state has one digit for it. */
export const hopNumberMax = 9;

/** What the same hop always sends, so that a reload repeats the same redirect: all of it from one key. */
export interface HopValues {
  /** `{number}{s|i}.{requestId}.{mac}`, with `s` for silent and `i` for interactive. */
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export function hopValues(key: Buffer, hop: ProofHop): HopValues {
  const derive = (purpose: string): string =>
    createHmac("sha256", key)
      .update(`${purpose}|${hop.requestId}|${hop.number}|${hop.prompt}`)
      .digest("base64url");
  const letter = hop.prompt === "silent" ? "s" : "i";
  return {
    state: `${hop.number}${letter}.${hop.requestId}.${derive("state")}`,
    nonce: derive("nonce"),
    verifier: derive("verifier"),
  };
}

export const hopStateShape = /^\d[si]\.mspr_[0-9a-f]{32}\.[\w-]{43}$/;

/**
 * The hop behind a state of that shape, with the values of the key that made it: another replica's active key may
 * differ. Undefined for a state that no key of the ring made.
 */
export function readHop(
  keys: PurposeKeys,
  state: string,
): { readonly hop: ProofHop; readonly values: HopValues } | undefined {
  const hop: ProofHop = {
    requestId: state.split(".")[1] as ProvisionRequestId,
    number: Number(state[0]),
    prompt: state[1] === "s" ? "silent" : "interactive",
  };
  const given = Buffer.from(state);
  const values = keys.all
    .map((key) => hopValues(key, hop))
    .find((made) => {
      const expected = Buffer.from(made.state);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  return values && { hop, values };
}

/** The one-time value of the confirm binding: the same for the same browser, so that a repeated callback agrees. */
export function confirmTokenOf(key: Buffer, requestId: ProvisionRequestId, browserHash: string): string {
  return createHmac("sha256", key).update(`confirm|${requestId}|${browserHash}`).digest("base64url");
}
