import type { Context } from "hono";

/** The path as it was sent, percent-encoded, so that it may stand in an address; `c.req.path` is decoded. */
export const pathOf = (c: Context): string => new URL(c.req.url).pathname;
