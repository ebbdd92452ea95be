/** What the first middleware sets for every route. */
export type AppEnv = { Variables: { requestId: string } };
