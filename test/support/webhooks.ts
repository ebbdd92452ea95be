import { randomBytes } from "node:crypto";
import { Stripe } from "stripe";
import { expect } from "vitest";
import { newOrg, operatorToken, type Product, startProduct } from "./product.ts";
import { type Answer, type Received, startReceiver } from "./receiver.ts";

export interface Endpoint {
  readonly id: string;
  readonly secret: string;
}

const stripe = new Stripe("sk_test_none");
/** A verifier that nobody here wrote; throws where a signature is wrong or too old. */
export const verify = ({ body, headers }: Received, secret: string) =>
  stripe.webhooks.constructEvent(body, String(headers["authio-signature"]), secret);

export const newConnection = (): string => `sso_${randomBytes(16).toString("hex")}`;

/** The product with its worker, and what an operator does about webhooks. `names`: where hosts lead to; nothing is asked of a real resolver. */
export async function startWebhooks() {
  const names = new Map<string, string[]>();
  const resolveHost = async (host: string): Promise<string[]> => names.get(host) ?? [];
  const product: Product = await startProduct();
  product.addReplica({}, { resolveHost });
  const startWorker = (): Promise<void> =>
    product.startWorker({ pace: { budgetFactor: 1, retryDelayMs: 200 } }, {}, { resolveHost });
  await startWorker();

  async function call(method: string, path: string, body?: unknown, token = operatorToken) {
    const answer = await fetch(`${product.origin}/v1/webhooks${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
  }
  async function add(url: string, events?: string[]): Promise<Endpoint> {
    const { status, body } = await call("POST", "", { url, ...(events ? { events } : {}) });
    expect(status).toBe(201);
    return { id: String(body["id"]), secret: String(body["secret"]) };
  }
  return {
    product,
    names,
    startWorker,
    call,
    add,
    endpointOf: async ({ id }: Pick<Endpoint, "id">) =>
      ((await call("GET", "")).body["data"] as Record<string, unknown>[]).find((one) => one["id"] === id),
    deliveriesOf: async ({ id }: Pick<Endpoint, "id">) =>
      (await call("GET", `/${id}/deliveries`)).body["data"] as Record<string, unknown>[],
    /** Something happens to a connection, as the verbs write it. */
    async happen(connection: string, action = "suspended", org = newOrg()): Promise<void> {
      await product.sql`insert into audit_events (actor, action, project_id, org_id, connection_id, generation, detail)
        values ('user:usr_9', ${action}, 'proj_test', ${org}, ${connection}, 0, '{}')`;
    },
    /** A receiver and the endpoint that leads to it, both gone afterwards. */
    async withReceiver<T>(
      answerOf: ((received: Received) => Answer) | undefined,
      work: (receiver: Awaited<ReturnType<typeof startReceiver>>, endpoint: Endpoint) => Promise<T>,
    ): Promise<T> {
      const receiver = await startReceiver(answerOf);
      const endpoint = await add(receiver.url);
      try {
        return await work(receiver, endpoint);
      } finally {
        await call("DELETE", `/${endpoint.id}`);
        await receiver.stop();
      }
    },
  };
}
