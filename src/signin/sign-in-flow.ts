import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import type { SignInPurpose } from "../domain/sign-in-purpose.ts";

const toApplication = { clientId: z.string(), redirectUri: z.string(), challenge: z.string().optional() };
const purposeSchema: z.ZodType<SignInPurpose> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("test") }),
  z.object({ kind: z.literal("handoff"), ...toApplication, nonce: z.string() }),
  z.object({
    kind: z.literal("oidc"),
    ...toApplication,
    state: z.string().optional(),
    nonce: z.string().optional(),
    scopes: z.array(z.string()),
    authenticatedSince: z.number().optional(),
    subject: z.string().optional(),
  }),
]);

/**
 * What ties Microsoft's answer to the browser that asked; travels in a signed cookie. Short names keep it small: kind
 * (`i` a sign-in, `a` an administrator's consent for all users), connection, state, nonce, verifier, time, the
 * connection's epoch, and what the sign-in is for.
 */
const flowSchema = z.object({
  k: z.enum(["i", "a"]),
  c: z.string(),
  s: z.string(),
  n: z.string(),
  v: z.string(),
  t: z.number(),
  e: z.number(),
  p: purposeSchema,
});
export type SignInFlow = z.infer<typeof flowSchema>;

/** Who must first set up a second factor, or comes back to a page left open over lunch, takes longer than minutes. */
export const flowLifetimeMs = 60 * 60_000;

/** Makes states; signs and checks the cookie's value. The verifier inside is useless without the code, sent once. */
export interface SignInFlows {
  /** `{time}.{random}.{mac}`: told from what others make up, also where its cookie is missing. */
  newState(nowMs: number): string;
  /** When a state of ours ends; undefined for what is not ours or is over. */
  expiryOf(state: string): Date | undefined;
  write(flow: SignInFlow): string;
  /** Undefined for what is not ours, or older than an hour. */
  read(text: string): SignInFlow | undefined;
}

/** The active key signs; a flow that any key of the ring signed is good. */
export function createSignInFlows(keys: PurposeKeys): SignInFlows {
  const mac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const isOurs = (text: string, tag: string): boolean => {
    const given = Buffer.from(tag, "base64url");
    return keys.all.some((key) => {
      const expected = mac(key, text);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  };
  const stateText = (body: string): string => `state|${body}`;
  return {
    newState(nowMs) {
      const body = `${nowMs.toString(36)}.${randomBytes(32).toString("base64url")}`;
      return `${body}.${mac(keys.active, stateText(body)).toString("base64url")}`;
    },
    expiryOf(state) {
      const [, body = "", time = "", tag = ""] = /^((\w{1,10})\.[\w-]{43})\.([\w-]{43})$/.exec(state) ?? [];
      if (!isOurs(stateText(body), tag)) return undefined;
      const endMs = Number.parseInt(time, 36) + flowLifetimeMs;
      return endMs > Date.now() ? new Date(endMs) : undefined;
    },
    write(flow) {
      const body = Buffer.from(JSON.stringify(flow)).toString("base64url");
      return `${body}.${mac(keys.active, body).toString("base64url")}`;
    },
    read(text) {
      const [body = "", tag = ""] = text.split(".");
      if (!isOurs(body, tag)) return undefined;
      const flow = flowSchema.safeParse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
      return flow.success && Date.now() - flow.data.t < flowLifetimeMs ? flow.data : undefined;
    },
  };
}
