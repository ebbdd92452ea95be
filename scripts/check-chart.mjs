// npm run check:chart: renders the chart with Helm (PATH, or HELM_PATH) and looks at what comes out.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { parseAllDocuments } from "yaml";

const chart = "ops/helm/one-click-microsoft";
const values = (name) => ["--values", `${chart}/ci/${name}-values.yaml`];
// A Helm that was built from source takes the cluster for an old one.
const helm = (verb, ...words) =>
  execFileSync(process.env.HELM_PATH ?? "helm", [verb, ...words, "--kube-version", "1.31.0"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const render = (...words) =>
  parseAllDocuments(helm("template", "ocm", chart, ...words)).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
/** What Helm says where it refuses. */
const refusal = (...words) => {
  try {
    render(...words);
  } catch (error) {
    return String(error.stderr);
  }
  throw new Error(`Helm did not refuse ${words.join(" ")}`);
};
const of = (documents, kind, name) => {
  const found = documents.find((one) => one.kind === kind && one.metadata.name === `ocm-${name}`);
  assert.ok(found, `there is no ${kind} ${name}`);
  return found;
};
const podOf = (documents, part) =>
  of(documents, part === "migrate" ? "Job" : "Deployment", part).spec.template;
const settingsOf = (documents, part) =>
  Object.fromEntries(podOf(documents, part).spec.containers[0].env.map(({ name, value }) => [name, value]));

function checkEvery(documents) {
  for (const part of ["api", "worker", "migrate"]) {
    const { spec } = podOf(documents, part);
    const [container, ...others] = spec.containers;
    assert.deepEqual(others, []);
    assert.deepEqual(container.args, [part]);
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.ok(spec.securityContext.runAsUser > 0);
    assert.deepEqual(container.securityContext, {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    assert.ok(container.resources.requests.memory && container.resources.limits.memory);
    // Secrets are files: nothing of them stands in the pod's description.
    const secret = spec.volumes.find(({ name }) => name === "secrets").secret;
    const keys = secret.items.map(({ key }) => key);
    for (const key of keys)
      assert.equal(settingsOf(documents, part)[`${key}_FILE`], `/etc/one-click-microsoft/secrets/${key}`);
    assert.ok(keys.includes("DATABASE_URL"));
    assert.equal(secret.secretName, part === "migrate" ? "one-click-microsoft-owner" : "one-click-microsoft");
    const mounted = container.volumeMounts.map(({ name }) => name).toSorted();
    assert.deepEqual(mounted, spec.volumes.map(({ name }) => name).toSorted());
    assert.deepEqual(
      container.env.filter(({ value }) => typeof value !== "string" || value === ""),
      [],
    );
  }
  for (const part of ["api", "worker"]) {
    const { metadata, spec } = podOf(documents, part);
    const [{ startupProbe, livenessProbe, readinessProbe, ports }] = spec.containers;
    const port = part === "api" ? "http" : "metrics";
    for (const probe of [startupProbe, livenessProbe])
      assert.deepEqual(probe.httpGet, { path: "/healthz", port });
    assert.deepEqual(readinessProbe.httpGet, { path: "/readyz", port });
    assert.ok(ports.some(({ name }) => name === port));
    assert.equal(
      settingsOf(documents, part).AUTHIO_METRICS_PORT,
      String(ports.find(({ name }) => name === "metrics").containerPort),
    );
    const budget = of(documents, "PodDisruptionBudget", part);
    assert.equal(budget.spec.maxUnavailable, 1);
    for (const selector of [budget.spec.selector, of(documents, "Deployment", part).spec.selector])
      for (const [label, value] of Object.entries(selector.matchLabels))
        assert.equal(metadata.labels[label], value);
  }
  assert.equal(
    of(documents, "Job", "migrate").metadata.annotations["helm.sh/hook"],
    "pre-install,pre-upgrade",
  );
  const service = of(documents, "Service", "api");
  assert.deepEqual(service.spec.ports, [{ name: "http", port: 80, targetPort: "http" }]);
  assert.equal(service.spec.selector["app.kubernetes.io/component"], "api");
}

helm("lint", chart, "--strict", ...values("minimal"));
const minimal = render(...values("minimal"));
checkEvery(minimal);
assert.deepEqual([...new Set(minimal.map(({ kind }) => kind))].toSorted(), [
  "Deployment",
  "Job",
  "PodDisruptionBudget",
  "Service",
]);
assert.equal(of(minimal, "Deployment", "api").spec.replicas, 2);

const full = render(...values("minimal"), ...values("full"));
checkEvery(full);
assert.match(podOf(full, "api").spec.containers[0].image, /@sha256:a{64}$/);
for (const part of ["api", "worker"]) {
  assert.equal(of(full, "Deployment", part).spec.replicas, undefined);
  assert.equal(of(full, "HorizontalPodAutoscaler", part).spec.scaleTargetRef.name, `ocm-${part}`);
  const { ingress, egress } = of(full, "NetworkPolicy", part).spec;
  assert.equal(ingress.length, part === "api" ? 2 : 1);
  assert.deepEqual(egress[1].ports, [{ port: 5432 }, { port: 7233 }, { port: 443 }]);
  assert.ok(settingsOf(full, part).TEMPORAL_CONFIG_FILE.endsWith("/temporal.toml"));
}
assert.equal(settingsOf(full, "api").AUTHIO_TRUSTED_PROXIES, "1");
assert.ok(settingsOf(full, "api").AUTHIO_APPLICATIONS_FILE);
assert.equal(settingsOf(full, "worker").AUTHIO_TRUSTED_PROXIES, undefined);
assert.equal(settingsOf(full, "worker").LOG_LEVEL, "debug");
assert.ok(settingsOf(full, "api").AUTHIO_OPERATOR_TOKENS_FILE);
assert.equal(settingsOf(full, "worker").AUTHIO_OPERATOR_TOKENS_FILE, undefined);
assert.equal(of(full, "Ingress", "api").spec.rules[0].host, "sso.example.com");

assert.match(refusal(), /AUTHIO_SSO_ORIGIN/);
for (const [setting, words] of [
  ["settings.AUTHIO_SSO_ORIGIN=http://sso.example.com", /AUTHIO_SSO_ORIGIN/],
  ["settings.AUTHIO_IMPORT_CREDS_KEY=x", /AUTHIO_IMPORT_CREDS_KEY/],
  ["settings.TEMPORAL_API_KEY=x", /TEMPORAL_API_KEY/],
  ["image.tag=latest", /image\/tag/],
  ["replicas=3", /replicas/],
  ["api.replicas=0", /replicas/],
])
  assert.match(refusal(...values("minimal"), "--set", setting), words);

process.stdout.write(
  `The chart renders ${minimal.length} objects at least and ${full.length} at most; all are as they should be.\n`,
);
