import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Span ids. */
  readonly links: readonly string[];
  readonly isError: boolean;
  readonly ms: number;
}

type Field = { readonly number: number; readonly value: bigint | Buffer };

/** Protobuf's wire format, of which nothing but numbers, fixed words and lengths is met here. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, type] = [tag >> 3, tag & 7];
    if (type === 0) fields.push({ number, value: varint() });
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : Number(varint());
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

const all = (bytes: Buffer, number: number): Buffer[] =>
  fieldsOf(bytes)
    .filter((field) => field.number === number)
    .map(({ value }) => (typeof value === "bigint" ? Buffer.alloc(0) : value));
const one = (bytes: Buffer, number: number): Buffer => all(bytes, number)[0] ?? Buffer.alloc(0);
const numberOf = (bytes: Buffer, number: number): number =>
  Number(fieldsOf(bytes).find((field) => field.number === number)?.value ?? 0n);
const through = (bytes: Buffer, ...path: number[]): Buffer[] =>
  path.reduce((level, number) => level.flatMap((each) => all(each, number)), [bytes]);

function attributesOf(pairs: readonly Buffer[]): Record<string, string | number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const value = one(pair, 2);
      const text = all(value, 1)[0];
      return [one(pair, 1).toString(), text === undefined ? numberOf(value, 3) : text.toString()];
    }),
  );
}

/** opentelemetry-proto's `Span`. */
function spanOf(bytes: Buffer): ReceivedSpan {
  const time = (number: number): number => Number(one(bytes, number).readBigUInt64LE() / 1000n) / 1000;
  return {
    traceId: one(bytes, 1).toString("hex"),
    spanId: one(bytes, 2).toString("hex"),
    parentId: one(bytes, 4).toString("hex"),
    name: one(bytes, 5).toString(),
    attributes: attributesOf(all(bytes, 9)),
    links: all(bytes, 13).map((link) => one(link, 2).toString("hex")),
    isError: numberOf(one(bytes, 15), 3) === 2,
    ms: time(8) - time(7),
  };
}

/** A collector of ours: takes OTLP over HTTP in protobuf, and keeps every byte. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = [];
  /** Names of metrics, and their data points' number. */
  const metrics = new Map<string, number>();
  const services = new Set<string>();
  const received: Buffer[] = [];
  const headers: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    headers.push(String(request.headers["x-collector-key"]));
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      received.push(body);
      for (const resource of through(body, 1, 1))
        services.add(String(attributesOf(all(resource, 1))["service.name"]));
      if (request.url === "/v1/traces") spans.push(...through(body, 1, 2, 2).map(spanOf));
      for (const metric of request.url === "/v1/metrics" ? through(body, 1, 2, 2) : [])
        metrics.set(one(metric, 1).toString(), [5, 7, 9].flatMap((kind) => through(metric, kind, 1)).length);
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    spans,
    metrics,
    services,
    received,
    headers,
    endpoint: `http://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
