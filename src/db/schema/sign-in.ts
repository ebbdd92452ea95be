import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { time } from "./columns.ts";

/** Which code a state has had, so that each state costs Microsoft one; hashes only. Rows live as long as their state. */
export const codeRedemptions = pgTable(
  "code_redemptions",
  {
    stateHash: text("state_hash").primaryKey(),
    /** Null: ended without a code. */
    codeHash: text("code_hash"),
    leaseUntil: time("lease_until"),
    /** When Microsoft had judged it. */
    judgedAt: time("judged_at"),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    index("code_redemptions_by_expiry").on(table.expiresAt),
    check("without_code_is_judged", sql`${table.codeHash} is not null or ${table.judgedAt} is not null`),
  ],
);

/**
 * What an application exchanges for an identity: once. `sealed` is what it stands for, under a key that only the code
 * gives; gone as soon as the code is spent. A spent row stays until the tokens that it gave are over, to tell a replay.
 */
export const signinCodes = pgTable(
  "signin_codes",
  {
    codeHash: text("code_hash").primaryKey(),
    clientId: text("client_id").notNull(),
    connectionId: text("connection_id").notNull(),
    /** The connection's when the person signed in. */
    epoch: integer().notNull(),
    sid: text().notNull(),
    sealed: text(),
    expiresAt: time("expires_at").notNull(),
    spentAt: time("spent_at"),
    /** When it came a second time. */
    replayedAt: time("replayed_at"),
    forgetAt: time("forget_at").notNull(),
  },
  (table) => [
    index("signin_codes_by_end").on(table.forgetAt),
    index("signin_codes_by_connection").on(table.connectionId),
    check("spent_is_empty", sql`${table.spentAt} is null or ${table.sealed} is null`),
  ],
);

/** Opaque access tokens, for userinfo alone; `sealed` under a key that only the token gives. */
export const signinTokens = pgTable(
  "signin_tokens",
  {
    tokenHash: text("token_hash").primaryKey(),
    codeHash: text("code_hash").notNull(),
    clientId: text("client_id").notNull(),
    connectionId: text("connection_id").notNull(),
    epoch: integer().notNull(),
    sid: text().notNull(),
    sealed: text().notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [
    index("signin_tokens_by_code").on(table.codeHash),
    index("signin_tokens_by_sid").on(table.sid),
    index("signin_tokens_by_connection").on(table.connectionId),
    index("signin_tokens_by_end").on(table.expiresAt),
  ],
);

/** Keys that sign what applications get. The private half is sealed under the master key. */
export const signingKeys = pgTable(
  "signing_keys",
  {
    kid: text().primaryKey(),
    algorithm: text().notNull(),
    state: text().notNull(),
    publicJwk: jsonb("public_jwk").notNull(),
    /** Null once it is gone. */
    sealedPrivate: text("sealed_private"),
    createdAt: time("created_at").notNull().defaultNow(),
    activatedAt: time("activated_at"),
    retiredAt: time("retired_at"),
  },
  (table) => [
    uniqueIndex("signing_keys_one_active")
      .on(table.algorithm)
      .where(sql`${table.state} = 'active'`),
    uniqueIndex("signing_keys_one_next")
      .on(table.algorithm)
      .where(sql`${table.state} = 'next'`),
    check("algorithm_known", sql`${table.algorithm} in ('RS256', 'EdDSA')`),
    check("key_state_known", sql`${table.state} in ('next', 'active', 'retired', 'gone')`),
    check("gone_is_empty", sql`(${table.state} = 'gone') = (${table.sealedPrivate} is null)`),
    check("private_is_sealed", sql`${table.sealedPrivate} like 'asv1.%'`),
  ],
);
