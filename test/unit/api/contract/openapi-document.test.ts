import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { refusalsOf } from "../../../../src/api/contract/callers.ts";
import { openApiDocument } from "../../../../src/api/contract/openapi-document.ts";
import { routerPathOf } from "../../../../src/api/contract/route.ts";
import { routes } from "../../../../src/api/routes.ts";
import { errorCodes } from "../../../../src/domain/error-codes.ts";

const described = routes.map(({ route }) => route);
const document = openApiDocument(described, {
  ssoOrigin: "https://sso.example.com",
  managementOrigin: "https://api.example.com",
  sessionCookie: "authio_session",
});
const methods = ["get", "head", "post", "patch", "delete"] as const;
const operationsAt = Object.entries(document.paths).flatMap(([path, item]) =>
  methods.flatMap((method) => (item[method] ? [{ path, operation: item[method] }] : [])),
);
const operations = operationsAt.map(({ operation }) => operation);

describe("the API reference", () => {
  it("is an OpenAPI 3.1 document, and a spoiled one is not", async () => {
    const copy = (): Record<string, unknown> => JSON.parse(JSON.stringify(document)) as never;
    const validator = new Validator();
    expect(await validator.validate(copy())).toMatchObject({ valid: true });
    expect(validator.version).toBe("3.1");
    const { info: _, ...spoiled } = copy();
    expect(await new Validator().validate(spoiled)).toMatchObject({ valid: false });
  });

  it("gives each operation a name of its own, a chapter and the parameters of its path", () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    const chapters = document.tags.map(({ name }) => name);
    for (const { path, operation } of operationsAt) {
      const named = operation.parameters.filter((one) => one.in === "path").map(({ name }) => name);
      expect(named, path).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
      expect(chapters, path).toEqual(expect.arrayContaining([...operation.tags]));
    }
  });

  it("refers to nothing that it does not have", () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    expect(references.length).toBe(text.match(/"\$ref"/g)?.length);
    const components: Record<string, object> = document.components;
    for (const [, kind = "", name] of references) expect(components[kind]).toHaveProperty([name ?? ""]);
  });

  it("says of each status which codes it has, each once, with what a caller waits for", () => {
    for (const { responses, operationId } of operations)
      for (const [status, { content = {}, headers }] of Object.entries(responses)) {
        const refusal = content["application/problem+json"]?.schema["properties"] as
          | { code: { enum: string[] } }
          | undefined;
        const codes = refusal?.code.enum ?? [];
        expect(new Set(codes).size, operationId).toBe(codes.length);
        expect(headers).toHaveProperty("X-Request-Id");
        if (status === "429") expect(headers).toMatchObject({ "Retry-After": { required: true } });
      }
  });
});

/** What is said where no operation is; the document's own description tells of it. */
const besideOperations = ["method_not_allowed"];

/** What ends a run, or its attempt at a step: told as the `error` of a status and of a return address. */
const onlyInRuns = [
  "setup_link_not_mine",
  "microsoft_unavailable",
  "microsoft_throttled",
  "database_unavailable",
  "database_refused",
  "consent_not_effective",
  "application_not_ready",
  "secret_not_accepted",
  "permission_not_effective",
  "permission_denied",
  "release_refused",
  "secrets_forbidden_by_policy",
  "secret_lifetime_forbidden_by_policy",
  "audience_forbidden_by_policy",
  "forbidden_by_policy",
  "secret_limit_reached",
  "service_reference_required",
  "quota_exceeded",
  "conditional_access_blocked",
  "microsoft_service_missing",
  "application_disabled",
  "application_missing",
  "tenant_not_found",
  "directory_blocked",
  "issuer_mismatch",
  "microsoft_refused_request",
  "run_not_current",
];

describe("codes", () => {
  it("stand each at a route that says it, or are a run's", () => {
    const said = described.flatMap((route) => route.methods.flatMap((method) => refusalsOf(route, method)));
    const placed = [...new Set<string>([...said, ...onlyInRuns, ...besideOperations])];
    expect(placed.toSorted()).toEqual(Object.keys(errorCodes).toSorted());
    expect(onlyInRuns.filter((code) => said.some((one) => one === code))).toEqual([]);
  });

  it("that a route refuses with are in its responses, under their own status", () => {
    const codesAt = (path: string, status: number): unknown =>
      document.paths[path]?.post?.responses[status]?.content?.["application/problem+json"]?.schema[
        "properties"
      ];
    expect(codesAt("/v1/admin/ms-provisions/{id}/retry", 409)).toEqual({
      code: {
        enum: expect.arrayContaining(["not_failed", "cleanup_in_progress", "proof_expired"]) as unknown,
      },
      status: { const: 409 },
    });
    const refused = document.paths["/v1/sso/connections/{connectionId}/refused"]?.get?.responses;
    expect(refused?.[403]?.description).toContain("`signin_guest_refused`");
    expect(Object.keys(refused?.[403]?.content ?? {})).toEqual(["text/html"]);
  });
});

describe("paths", () => {
  it("are written for the router as it wants them", () => {
    expect(routerPathOf({ path: "/v1/orgs/{orgId}/things/{id}" })).toBe("/v1/orgs/:orgId/things/:id");
  });
});
