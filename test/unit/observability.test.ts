import { readFileSync } from "node:fs";
import { join } from "node:path";

import { App } from "cdk8s";

import { chartObjects } from "../../charts/chart-objects";
import { alertGroups } from "../../charts/observability/alerts";
import { dashboards } from "../../charts/observability/dashboards";
import { renderDashboard } from "../../charts/observability/grafana";
import { type ProgramMetrics, programMetrics, seriesIn, seriesNames } from "../../charts/observability/metrics";
import { ObservabilityChart } from "../../charts/observability/observability";

const runtime = join(__dirname, "..", "..", "runtime");
const expressions = [
  ...alertGroups.flatMap(({ alerts }) => alerts.map(({ name, expression }) => [name, expression] as const)),
  ...dashboards.flatMap(({ name, panels }) =>
    panels.flatMap(({ title, series }) => Object.values(series).map((each) => [`${name}: ${title}`, each] as const)),
  ),
];

it.each(expressions)("%s uses series that programs expose", (_, expression) => {
  const series = seriesIn(expression);
  expect(series.length).toBeGreaterThan(0);
  expect(series.filter((each) => !seriesNames().includes(each))).toEqual([]);
});

it("finds a series that no program exposes", () => {
  expect(seriesIn("sum by (class) (rate(skerry_edge_agent_quue_depth[5m])) > 0")).toEqual([
    "skerry_edge_agent_quue_depth",
  ]);
});

/** The metrics of our own code; the others are Kubernetes'. */
const own = Object.entries<ProgramMetrics>(programMetrics).flatMap(([, { source, metrics }]) =>
  source === undefined ? [] : metrics.map((metric) => ({ ...metric, source })),
);

it.each(own)("$name exists in $source", ({ name, labels = [], source }) => {
  const text = readFileSync(join(runtime, source), "utf8");
  // Programs write the name in full, or append it to a prefix of their own.
  const [, suffix = name] = /^skerry_(?:edge_agent|edge_ingest|node_agent|scheduler|site_sync)_(.+)$/.exec(name) ?? [];
  expect(text).toContain(`"${suffix}"`);
  for (const label of labels) expect(text).toContain(`"${label}"`);
});

describe("a dashboard", () => {
  it.each(dashboards.map((each) => [each.name, each] as const))("%s has panels that do not overlap", (_, dashboard) => {
    const { panels } = renderDashboard(dashboard) as {
      panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (__, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos }) => gridPos.x + gridPos.w <= 24)).toBe(true);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });
});

it("is a chart of ConfigMaps and a PrometheusRule, with the labels by which they are found", () => {
  const chart = new ObservabilityChart(new App(), "observability", {
    namespace: "monitoring",
    ruleLabels: { release: "kps" },
  });
  const objects = chartObjects(chart);
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    "ConfigMap monitoring/skerry-edge-data",
    "ConfigMap monitoring/skerry-scheduling",
    "PrometheusRule monitoring/skerry",
  ]);
  expect(objects[0]!.metadata.labels).toMatchObject({ grafana_dashboard: "1" });
  expect(objects[2]!.metadata.labels).toMatchObject({ release: "kps" });
});
