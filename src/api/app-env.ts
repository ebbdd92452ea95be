import type { ErrorCode } from "../domain/error-codes.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";

/** What the first middleware sets for every route, and the code of a refusal, for whoever watches. */
export type AppEnv = {
  Variables: { requestId: string; code?: ErrorCode; microsoft?: MicrosoftReference | undefined };
};
