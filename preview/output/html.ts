import { createHash } from "node:crypto";

import type { Change, PreviewReport } from "../report";
import { agreementLine } from "./agreement";
import { LAND, SCRIPT, STYLE } from "./html/assets.generated";
import { renderControls } from "./html/controls";
import { embedJson, escapeHtml } from "./html/escape";
import { LAND_ID, renderMap } from "./html/map";
import { listTables } from "./html/report-tables";
import { renderTable } from "./html/table";
import { costLine } from "./region-table";
import { describeRevisions, describeVerdict, isBlocking } from "./tally";

/** Width of the map in pixels where no script fits it to the page. */
const STATIC_WIDTH = 960;

const sha256 = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The page may run its own script and style, and request nothing. */
const securityPolicy = (): string =>
  `default-src 'none'; style-src ${sha256(STYLE)}; script-src ${sha256(SCRIPT)}; base-uri 'none'; form-action 'none'`;

const plural = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

function countTotals({ regions, unschedulable }: PreviewReport): {
  readonly clusters: number;
  readonly regions: number;
  readonly nodes: Change<number>;
  readonly pods: Change<number>;
  readonly unfit: number;
} {
  const sum = (key: "nodes" | "pods"): Change<number> => ({
    before: regions.reduce((total, region) => total + region[key].before, 0),
    after: regions.reduce((total, region) => total + region[key].after, 0),
  });
  return {
    clusters: new Set(regions.map(({ cluster }) => cluster)).size,
    regions: new Set(regions.map(({ region }) => region)).size,
    nodes: sum("nodes"),
    pods: sum("pods"),
    unfit: unschedulable.reduce((total, { pods }) => total + pods, 0),
  };
}

/** The verdict on a change, or the size of a fleet. */
function describe(report: PreviewReport): string {
  if (report.base !== undefined) return describeVerdict(report);
  const { nodes, pods, regions, unfit } = countTotals(report);
  const size = `${plural(pods.after, "pod")} on ${plural(nodes.after, "node")} in ${plural(regions, "region")}`;
  const errors = report.errors.length > 0 ? `${plural(report.errors.length, "error")} in the simulation · ` : "";
  return `${errors}${unfit > 0 ? `${plural(unfit, "pod")} won't fit · ` : ""}${size}`;
}

function renderTally(report: PreviewReport): string {
  const { clusters, regions, nodes, pods, unfit } = countTotals(report);
  const text = ({ before, after }: Change<number>): string => (before === after ? `${after}` : `${before} → ${after}`);
  const figures: [string, string][] = [
    ["Clusters", String(clusters)],
    ["Regions", String(regions)],
    ["Nodes", text(nodes)],
    ["Pods", text(pods)],
    ...(report.base === undefined ? [] : ([["Moves", String(report.moves.length)]] as [string, string][])),
    ["Won't fit", String(unfit)],
    ["Ties", String(report.tied)],
  ];
  return `<dl class="tally">${figures.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

function renderHeader(report: PreviewReport, kind: string): string {
  const { seed, kubernetes } = report;
  const tone = isBlocking(report) ? "bad" : report.unschedulable.length > 0 ? "warn" : "good";
  const facts = [describeRevisions(report), "simulated", `Kubernetes ${kubernetes}`, `seed ${seed}`];
  const notes = [costLine(report), agreementLine(report.agreement)]
    .filter((note) => note !== "")
    .map((note) => `<p class="facts">${escapeHtml(note)}</p>`)
    .join("");
  return (
    `<header><p class="kind">${kind}</p><h1 class="${tone}">${escapeHtml(describe(report))}</h1>` +
    `<p class="facts">${facts.map(escapeHtml).join(" · ")}</p>${notes}${renderTally(report)}</header>`
  );
}

function renderLegend({ base, drills }: PreviewReport): string {
  const swatch = (shape: string): string =>
    `<svg width="22" height="12" viewBox="0 0 22 12" aria-hidden="true">${shape}</svg>`;
  const items = [
    `${swatch('<g class="region"><circle class="pods" cx="11" cy="6" r="5"/></g>')} pods in a region`,
    base !== undefined && `${swatch('<g class="region"><circle class="before" cx="11" cy="6" r="5"/></g>')} before`,
    base !== undefined &&
      `${swatch('<g class="moves"><path d="M1 10Q11 -2 20 8" stroke-width="2"/></g>')} pods that move`,
    drills.length > 0 &&
      `${swatch('<g class="evacuations"><path d="M1 10Q11 -2 20 8" stroke-width="2"/></g>')} pods that a drill displaces`,
    `${swatch('<line class="link" x1="0" y1="6" x2="22" y2="6"/>')} link with its round trip`,
  ].filter((item) => item !== false);
  return `<ul class="legend">${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

/** Renders the map with its controls. Fleets without locations have none. */
function renderFleet(report: PreviewReport): string {
  const map = renderMap(report, { width: STATIC_WIDTH, position: 1 });
  if (map === "") return "";
  return (
    `<section id="fleet" aria-label="Map">${renderControls(report)}<div class="fleet"><figure><div id="map">${map}</div>` +
    `<figcaption>${renderLegend(report)}</figcaption></figure>` +
    '<aside aria-label="Regions" hidden><div id="region-list"></div><div id="detail" aria-live="polite"></div></aside></div></section>'
  );
}

/**
 * Renders a report as one HTML page that requests nothing: a map of the fleet, and tables. A page without a script still shows
 * both. Equal reports give equal bytes.
 */
export function renderHtml(report: PreviewReport): string {
  const kind = report.base === undefined ? "Skerry map" : "Skerry preview";
  const tables = listTables(report);
  const links = tables
    .filter(({ rows }) => rows.length > 0)
    .map(({ id, title, rows }) => `<li><a href="#${id}">${escapeHtml(title)} <span>${rows.length}</span></a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${securityPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${kind}: ${escapeHtml(describe(report))}</title>
<style>${STYLE}</style>
</head>
<body>
<svg class="definitions" width="0" height="0" aria-hidden="true"><defs><path id="${LAND_ID}" d="${LAND}"/></defs></svg>
${renderHeader(report, kind)}
<main>
${renderFleet(report)}
<div class="finder"><nav aria-label="Tables"><ul>${links.join("")}</ul></nav><output id="matches" for="search"></output><label hidden>Search <input type="search" id="search" placeholder="all tables" autocomplete="off" spellcheck="false"></label></div>
${tables.map(renderTable).join("\n")}
</main>
<script type="application/json" id="report">${embedJson(report)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
