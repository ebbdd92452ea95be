import type { EntraTenantId } from "./ids.ts";

/** What the whole installation knows of a tenant that was throttled. `first`: the window is over, and this caller alone tries. */
export type TenantPause =
  | { readonly kind: "none" }
  | { readonly kind: "pause"; readonly waitMs: number }
  | { readonly kind: "first" };

/** Throttling that one process met, told to all of them. Its adapter is `db/tenant-pauses.ts`. */
export interface TenantPauses {
  ask(tenantId: EntraTenantId): Promise<TenantPause>;
  /** Nobody calls the tenant for so long. Of several, the one that ends last counts. */
  pause(tenantId: EntraTenantId, ms: number): Promise<void>;
  /** A call that was first got through: all may go on. */
  resume(tenantId: EntraTenantId): Promise<void>;
}
