/**
 * Who signed in, as applications are told. `sub` says who it is; with `tid` and `oid` it never changes. Everything from
 * `name` on is for display or for access rules, and may change with each sign-in.
 */
export interface Identity {
  readonly sub: string;
  readonly connection_id: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly tid: string;
  readonly oid: string;
  readonly user_type: "member" | "guest" | "unknown";
  readonly name?: string;
  readonly email?: string;
  /** Microsoft says that the owner of the email's domain vouches for it (`xms_edov`). Says nothing about who owns the domain. */
  readonly email_verified: boolean;
  /** Object ids, or null when Microsoft did not list them: too many, or not readable. */
  readonly groups: readonly string[] | null;
  readonly groups_overage: boolean;
}

/** When and how the person proved who it is, as far as Microsoft said so. */
export interface Authentication {
  /** Seconds since 1970. */
  readonly auth_time?: number;
  readonly amr?: readonly string[];
}
