import { MicrosoftError } from "./microsoft-error.ts";

export async function undefinedOn404<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof MicrosoftError && error.facts.status === 404) return undefined;
    throw error;
  }
}
