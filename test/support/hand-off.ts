import { Browser } from "../../src/embedded/browser.ts";
import { newSecret, nextOf, notes } from "./applications.ts";
import { type Product, testProject } from "./product.ts";
import { chooseUser, connectTenant } from "./sign-in.ts";

export type Query = Record<string, string | undefined>;
export type Connected = Awaited<ReturnType<typeof connectTenant>> & { org: string };
export type HandOffDriver = Awaited<ReturnType<typeof createHandOffDriver>>;

/** Drives the platform's way to sign in, with two live connections. */
export async function createHandOffDriver(product: Product) {
  const connected = async (): Promise<Connected> => {
    const made = await connectTenant(product);
    const [row] = await product.sql`select org_id from sso_connections where id = ${made.connection}`;
    return { ...made, org: row?.["org_id"] as string };
  };
  const [contoso, fabrikam] = [await connected(), await connected()];
  const nonce = newSecret();

  function initiateUrl(query: Query = {}, at = contoso): string {
    const url = new URL(`${at.base}/initiate`);
    const asked: Query = {
      project_id: testProject,
      redirect_uri: notes.redirectUri,
      client_state_nonce: nonce,
      ...query,
    };
    for (const [name, value] of Object.entries(asked))
      if (value !== undefined) url.searchParams.set(name, value);
    return url.href;
  }

  /** The whole sign-in of a member (or another user) up to the application's address. */
  async function signIn(query: Query = {}, { user = 1, at = contoso } = {}): Promise<URL> {
    const browser = new Browser();
    const microsoft = await nextOf(browser, initiateUrl(query, at));
    return new URL(await nextOf(browser, await chooseUser(browser, at.tenant, microsoft, user)));
  }

  async function exchange(
    code: string | null,
    body: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({
        code,
        redirect_uri: notes.redirectUri,
        client_state_nonce: nonce,
        client_id: notes.clientId,
        client_secret: notes.secret,
        ...body,
      }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  const codeOf = async (query: Query = {}, how = {}): Promise<string> =>
    (await signIn(query, how)).searchParams.get("code") ?? "";

  return { contoso, fabrikam, nonce, initiateUrl, signIn, exchange, codeOf };
}
