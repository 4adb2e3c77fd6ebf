import type { Dashboard, Panel } from "./dashboards";

/** Version of Grafana's dashboard format. Newer versions of Grafana migrate it. */
const SCHEMA_VERSION = 39;

/** Grafana's grid has 24 columns. */
const COLUMNS = 24;
const SIZES = { stat: { w: 6, h: 4 }, timeseries: { w: 12, h: 8 } } as const;

const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** Places panels from left to right, and begins a row where one does not fit. */
function layOut(panels: readonly Panel[]): { x: number; y: number; w: number; h: number }[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map(({ type = "timeseries" }) => {
    const { w, h } = SIZES[type];
    if (x + w > COLUMNS || (height !== 0 && height !== h)) [x, y, height] = [0, y + height, 0];
    const position = { x, y, w, h };
    [x, height] = [x + w, h];
    return position;
  });
}

function renderPanel({ title, description, unit, series, type = "timeseries" }: Panel): object {
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options:
      type === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] } } : { tooltip: { mode: "multi", sort: "desc" } },
    targets: Object.entries(series).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}

/** Returns a dashboard in Grafana's format. */
export function renderDashboard({ name, title, panels }: Dashboard): object {
  const positions = layOut(panels);
  const usesInstance = panels.some(({ series }) => Object.values(series).some((each) => each.includes("$instance")));
  const instance = {
    name: "instance",
    label: "Agent",
    type: "query",
    datasource: DATASOURCE,
    query: { query: "label_values(skerry_edge_agent_connected, instance)", refId: "instance" },
    includeAll: true,
    multi: true,
    current: { text: "All", value: "$__all" },
    refresh: 2,
  };
  return {
    uid: name,
    title,
    tags: ["skerry"],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus", current: {} },
        ...(usesInstance ? [instance] : []),
      ],
    },
    panels: panels.map((panel, index) => ({ id: index + 1, gridPos: positions[index], ...renderPanel(panel) })),
  };
}
