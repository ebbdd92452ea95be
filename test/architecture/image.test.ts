import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(path.join(root, name), "utf8");
const settings = new Set(
  [...read(".env.example").matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name),
);

const condition = z.enum(["service_healthy", "service_completed_successfully"]);
const serviceSchema = z.strictObject({
  image: z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)?:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/, "is not pinned"),
  build: z.literal(".").optional(),
  restart: z.enum(["unless-stopped", "on-failure:5"]),
  read_only: z.literal(true).optional(),
  tmpfs: z.tuple([z.literal("/tmp")]).optional(),
  cap_drop: z.tuple([z.literal("ALL")]).optional(),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]).optional(),
  env_file: z.tuple([z.literal(".env")]).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, "listens beyond this machine")).optional(),
  volumes: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition })).optional(),
  healthcheck: z
    .union([
      z.strictObject({ disable: z.literal(true) }),
      z.strictObject({
        test: z.array(z.string()).min(2),
        interval: z.string(),
        timeout: z.string(),
        retries: z.number().optional(),
        start_period: z.string().optional(),
      }),
    ])
    .optional(),
  stop_grace_period: z.string().optional(),
});
type Service = z.infer<typeof serviceSchema>;
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.strictObject({})),
});

/** What is wrong with a compose file. */
function problemsOf(text: string): string[] {
  const found = composeSchema.safeParse(parse(text, { merge: true }));
  if (!found.success) return found.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
  const { services, volumes } = found.data;
  return Object.entries(services).flatMap(([name, service]) => [
    ...Object.entries(service.depends_on ?? {}).flatMap(([on, { condition }]) => {
      const other = services[on];
      if (!other) return [`${name} waits for ${on}, which is not there`];
      return condition === "service_healthy" && !looksAfterItself(other)
        ? [`${name} waits for the health of ${on}, which has none`]
        : [];
    }),
    ...(service.volumes ?? []).flatMap((volume) => {
      const [source = ""] = volume.split(":");
      const isThere = source.startsWith("./") ? existsSync(path.join(root, source)) : source in volumes;
      return isThere ? [] : [`${name} mounts ${source}, which is not there`];
    }),
    ...(service.build === undefined ? [] : problemsOfOurs(name, service)),
  ]);
}

const looksAfterItself = ({ healthcheck }: Service): boolean =>
  healthcheck !== undefined && "test" in healthcheck;

function problemsOfOurs(name: string, service: Service): string[] {
  const unknown = Object.keys(service.environment ?? {}).filter((one) => !settings.has(one));
  return [
    ...unknown.map((one) => `${name} sets ${one}, which nobody reads`),
    ...(service.read_only && service.cap_drop && service.security_opt ? [] : [`${name} may do too much`]),
    ...(name === "migrate" || looksAfterItself(service) ? [] : [`${name} has no health check`]),
    ...(service.environment?.["DATABASE_URL"]?.includes("authio_owner") === (name === "migrate")
      ? []
      : [`${name} has the wrong role of the database`]),
  ];
}

describe("compose.yml", () => {
  const compose = read("compose.yml");

  it("is of known words, pinned, closed, and its parts fit together", () => {
    expect(problemsOf(compose)).toEqual([]);
    const { services } = parse(compose, { merge: true }) as { services: Record<string, Service> };
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(["api", "worker", "migrate", "postgres", "temporal", "prometheus"]),
    );
    expect([services["api"]?.command, services["worker"]?.command, services["migrate"]?.command]).toEqual([
      ["api"],
      ["worker"],
      ["migrate"],
    ]);
  });

  it.each([
    ["image: postgres:17.6-bookworm", "image: postgres:latest", "services.postgres.image is not pinned"],
    ["127.0.0.1:3000:3000", "3000:3000", "services.api.ports.0 listens beyond this machine"],
    ["HOST: 0.0.0.0", "HOSTS: 0.0.0.0", "api sets HOSTS, which nobody reads"],
    ["read_only: true", "read_only: false", "services.api.read_only Invalid input: expected true"],
    ["create-roles.sh:/", "roles.sh:/", "postgres mounts ./ops/compose/roles.sh, which is not there"],
    ["temporal: { condition", "nobody: { condition", "worker waits for nobody, which is not there"],
    ["//authio_app:", "//authio_owner:", "api has the wrong role of the database"],
  ])("a planted %s → %s is seen", (good, bad, problem) => {
    expect(compose).toContain(good);
    expect(problemsOf(compose.replace(good, bad))).toContain(problem);
  });
});

describe("the Dockerfile", () => {
  const dockerfile = read("Dockerfile");

  it("runs as a number that is not root, on one pinned Node, the one that CI tries", () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    const [, version] = /\$package@([\d.]+)/.exec(read(".ci/run")) ?? [];
    expect(images).toEqual([`node:${version}-bookworm-slim`, `node:${version}-bookworm-slim`]);
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(dockerfile.lastIndexOf("\nUSER")).toBeGreaterThan(dockerfile.lastIndexOf("\nCOPY"));
  });

  it("copies only what .dockerignore lets in, and that is all it lets in", () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) =>
      names.split(" ").map((name) => name.replace(/\/$/, "")),
    );
    const admitted = [...read(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, name]) => name);
    expect(copied.toSorted()).toEqual(admitted.toSorted());
    expect(read(".dockerignore")).toMatch(/^\*$/m);
    for (const name of copied) expect(existsSync(path.join(root, name)), name).toBe(true);
  });
});
