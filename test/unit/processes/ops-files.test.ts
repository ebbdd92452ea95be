import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createInstruments } from "../../../src/processes/metrics/instruments.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const alerts = read("ops/alerts.yml");
const dashboard = read("ops/grafana-dashboard.json");

/** Names of ours in a text that no process shows. */
async function unknownMetrics(text: string): Promise<string[]> {
  const shown = await createInstruments().registry.getMetricsAsJSON();
  const names = new Set(
    shown.flatMap(({ name, type }) =>
      String(type) === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
  return [...new Set(text.match(/\bauthio_\w+/g))].filter((name) => !names.has(name));
}

/** Alerts whose runbook section is not there under their own name. */
function withoutSection(rules: string, runbook: string): string[] {
  const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title.toLowerCase());
  return [...rules.matchAll(/- alert: (\w+)([\s\S]*?)(?=- alert:|$)/g)].flatMap(
    ([, name = "", rule = ""]) => {
      const anchor = /runbook_url: docs\/runbook\.md#(\S+)/.exec(rule)?.[1];
      return anchor === name.toLowerCase() && anchors.includes(anchor) ? [] : [name];
    },
  );
}

describe("alerts and dashboard", () => {
  it("ask for metrics that the processes show", async () => {
    expect(await unknownMetrics(alerts)).toEqual([]);
    expect(await unknownMetrics(dashboard)).toEqual([]);
    expect(await unknownMetrics("rate(authio_planted_total[5m])")).toEqual(["authio_planted_total"]);
  });

  it("each alert leads to its section of the runbook, and has a test of its rule", () => {
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect(withoutSection(alerts, read("docs/runbook.md"))).toEqual([]);
    expect(withoutSection(alerts, "## NoWorkers\n")).toEqual(names.filter((name) => name !== "NoWorkers"));
    const tested = read("ops/rules-test.yml");
    expect(names.filter((name) => !tested.includes(`alertname: ${name}\n`))).toEqual([]);
  });

  it("the dashboard is one that Grafana can read: panels with ids of their own, each with a query", () => {
    const { panels } = JSON.parse(dashboard) as { panels: { id: number; targets: { expr: string }[] }[] };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.length > 0))).not.toContain(false);
    expect(panels.length).toBeGreaterThan(10);
  });
});
