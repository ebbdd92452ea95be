import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, operatorToken, type Product, startProduct } from "../support/product.ts";
import { type Received, startReceiver } from "../support/receiver.ts";
import { newConnection } from "../support/webhooks.ts";
import { type Process, startProcess } from "./support/processes.ts";

// Workers are killed while they deliver: nothing is lost, and each connection's events come in their order.

let product: Product;
let worker: Process;
const startWorker = async (): Promise<void> => {
  worker = await startProcess("worker", product.environment, product.lines);
};
beforeAll(async () => {
  product = await startProduct();
  await startWorker();
});
afterAll(async () => {
  await worker.kill("SIGTERM");
  await product.stop();
});

async function add(url: string): Promise<string> {
  const answer = await fetch(`${product.origin}/v1/webhooks`, {
    method: "POST",
    headers: { authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify({ url }),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}
const happen = (connection: string, action: string) =>
  product.sql`insert into audit_events (actor, action, project_id, org_id, connection_id, generation)
    values ('system', ${action}, 'p', 'o', ${connection}, 0)`;
const waitingAt = async (endpoint: string): Promise<number> =>
  Number(
    (
      await product.sql`select count(*) from webhook_deliveries where endpoint_id = ${endpoint} and status <> 'delivered'`
    )[0]?.["count"],
  );

it("an event that was on its way when the worker died comes again", async () => {
  const receiver = await startReceiver(() => "hang");
  const endpoint = await add(receiver.url);
  const connection = newConnection();
  await happen(connection, "suspended");
  await eventually(() => receiver.received.length === 1);
  await worker.kill("SIGKILL");
  receiver.answer(() => 204);
  await startWorker();
  await eventually(() => receiver.received.length === 2);
  const [first, second] = receiver.received as [Received, Received];
  expect(second.event).toEqual(first.event);
  await eventually(async () => (await waitingAt(endpoint)) === 0);
  await receiver.stop();
});

it("a worker that dies again and again loses nothing and overtakes nothing", async () => {
  const connections = Array.from({ length: 3 }, newConnection);
  const actions = ["suspended", "resumed", "renamed", "suspended"];
  let kills = 0;
  let restarted = Promise.resolve();
  const receiver = await startReceiver(() => {
    if (receiver.received.length % 3 === 0 && kills < 5) {
      kills += 1;
      restarted = worker.kill("SIGKILL").then(startWorker);
    }
    return 204;
  });
  const endpoint = await add(receiver.url);
  for (const action of actions) for (const connection of connections) await happen(connection, action);
  await eventually(async () => {
    const [row] = await product.sql`select count(*) from webhook_deliveries where endpoint_id = ${endpoint}`;
    return Number(row?.["count"]) === 12 && (await waitingAt(endpoint)) === 0;
  }, 150_000);
  await restarted;
  expect(kills).toBeGreaterThan(2);
  for (const connection of connections) {
    // At least once: what came twice counts where it came first.
    const ids = [...new Set(receiver.of(connection).map(({ event }) => Number(event.id.slice(4))))];
    expect(ids).toHaveLength(actions.length);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  }
  await receiver.stop();
});
