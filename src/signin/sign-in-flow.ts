import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";

/** What ties Microsoft's answer to the browser that asked; travels in a signed cookie. Short names keep it small. */
const flowSchema = z.object({
  c: z.string(),
  s: z.string(),
  n: z.string(),
  v: z.string(),
  t: z.number(),
});
export type SignInFlow = z.infer<typeof flowSchema>;

const lifetimeMs = 15 * 60_000;

/** Signs and checks the cookie's value. The verifier inside is useless without the code, which is sent once. */
export interface SignInFlows {
  write(flow: SignInFlow): string;
  /** @throws {CodedError} signin_state_invalid when it is not ours, of another connection, or older than 15 minutes */
  read(text: string, connectionId: ConnectionId): SignInFlow;
}

/** The active key signs; a flow that any key of the ring signed is good. */
export function createSignInFlows(keys: PurposeKeys): SignInFlows {
  const mac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  return {
    write(flow) {
      const body = Buffer.from(JSON.stringify(flow)).toString("base64url");
      return `${body}.${mac(keys.active, body).toString("base64url")}`;
    },
    read(text, connectionId) {
      const [body = "", tag = ""] = text.split(".");
      const given = Buffer.from(tag, "base64url");
      const isOurs = keys.all.some((key) => {
        const expected = mac(key, body);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
      if (!isOurs) throw new CodedError("signin_state_invalid");
      const flow = flowSchema.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
      if (flow.c !== connectionId || Date.now() - flow.t > lifetimeMs)
        throw new CodedError("signin_state_invalid");
      return flow;
    },
  };
}
