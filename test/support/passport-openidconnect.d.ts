declare module "passport-openidconnect" {
  /** The little of it that a test drives: no types are published. */
  export default class Strategy {
    constructor(
      options: Record<string, unknown>,
      verify: (
        issuer: string,
        profile: { id: string },
        done: (error: unknown, user: unknown) => void,
      ) => void,
    );
    authenticate(request: object, options?: object): void;
    redirect: (url: string) => void;
    success: (user: unknown) => void;
    fail: (challenge: unknown) => void;
    error: (error: unknown) => void;
  }
}
