/** `warn` is for what works and should not stay; `skip` for what cannot be looked at as things are set. */
export type CheckStatus = "pass" | "warn" | "fail" | "skip";

/** What a look found. Texts hold names, counts and times, never a value of the configuration or a secret. */
export interface Finding {
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do about it, in a sentence. */
  readonly fix?: string;
}

export interface Check {
  /** One of few words with underscores, for scripts. */
  readonly name: string;
  run(): Promise<Finding>;
  /** 15 s where it says nothing. */
  readonly timeoutMs?: number;
}

export const pass = (detail: string): Finding => ({ status: "pass", detail });
export const warn = (detail: string, fix: string): Finding => ({ status: "warn", detail, fix });
export const fail = (detail: string, fix: string): Finding => ({ status: "fail", detail, fix });
export const skip = (detail: string, fix?: string): Finding => ({
  status: "skip",
  detail,
  ...(fix === undefined ? {} : { fix }),
});
