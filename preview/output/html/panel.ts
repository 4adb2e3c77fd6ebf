import type { DrillResult, PreviewReport, WorkloadName } from "../../report";
import { describeCluster, describeViolation, FATES } from "../drill-lines";
import { shortName } from "../tally";
import { escapeHtml } from "./escape";
import { collectDisplaced, collectRegions, countPods, type MapView } from "./map-data";

/** Length of the longest bar, in pixels. */
const BAR = 64;

const changed = (before: string | number, after: string | number): string =>
  before === after ? String(after) : `${before} → ${after}`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Renders the regions of a map as buttons that select one, with their pods. */
export function renderRegionList(report: PreviewReport, view: MapView): string {
  const regions = collectRegions(report, view.cluster);
  const counts = countPods(report, regions, view);
  const most = Math.max(1, ...regions.flatMap(({ pods }) => [pods.before, pods.after]), ...counts.values());
  const items = regions.map(({ name, pods }) => {
    const count = counts.get(name)!;
    const [from, to] = view.drill === undefined ? [pods.before, pods.after] : [pods.after, count];
    const length = (value: number): string => ((BAR * value) / most).toFixed(1);
    const bar =
      `<svg class="bar" width="${BAR}" height="8" aria-hidden="true"><rect class="before" width="${length(from)}" height="8"/>` +
      `<rect class="pods" width="${length(count)}" height="8"/></svg>`;
    const change = to - from;
    const delta = change === 0 ? "" : `${change > 0 ? "+" : "−"}${Math.abs(change)}`;
    return (
      `<li><button type="button" data-region="${escapeHtml(name)}" aria-pressed="${name === view.region}"><span class="name">${escapeHtml(name)}</span>` +
      `${bar}<span class="count">${Math.round(count)}</span><span class="delta">${delta}</span></button></li>`
    );
  });
  return `<ul class="regions">${items.join("")}</ul>`;
}

const renderFacts = (facts: readonly (readonly [string, string])[]): string =>
  `<dl>${facts.map(([term, text]) => `<div><dt>${term}</dt><dd>${escapeHtml(text)}</dd></div>`).join("")}</dl>`;

interface Row {
  readonly workload: WorkloadName;
  readonly text: string;
  readonly changed: boolean;
}

const renderRows = (rows: readonly Row[]): string =>
  `<ul class="workloads">${rows
    .map(
      ({ workload, text, changed }) =>
        `<li${changed ? ' class="changed"' : ""}><span class="name">${escapeHtml(shortName(workload))} <span class="cluster">${escapeHtml(workload.cluster)}</span></span><span class="count">${escapeHtml(text)}</span></li>`,
    )
    .join("")}</ul>`;

function renderRegion(report: PreviewReport, { region, cluster }: MapView): string {
  const shown = (name: string): boolean => cluster === undefined || cluster === name;
  const parts = report.regions.filter((part) => part.region === region && shown(part.cluster));
  const facts = parts.map(({ cluster, nodes, pods, requested, roundTrip }) => {
    const [before, after] = [roundTrip.before, roundTrip.after].map((trips) => (trips ? `${trips.p95} ms` : "–"));
    return (
      `<h4>Cluster ${escapeHtml(cluster)}</h4>` +
      renderFacts([
        ["Nodes", changed(nodes.before, nodes.after)],
        ["Pods", changed(pods.before, pods.after)],
        ["CPU requested", changed(percent(requested.before.cpu), percent(requested.after.cpu))],
        ["Memory requested", changed(percent(requested.before.memory), percent(requested.after.memory))],
        ["Round trip p95", changed(before!, after!)],
      ])
    );
  });
  const rows = report.placements
    .filter((placement) => placement.region === region && shown(placement.workload.cluster))
    .map(({ workload, pods: { before, after } }) => ({
      workload,
      text: changed(before, after),
      changed: before !== after,
    }));
  return `<h3>${escapeHtml(region!)}</h3>${facts.join("")}<h4>Workloads</h4>${renderRows(rows)}`;
}

function renderDrill(report: PreviewReport, view: MapView, result: DrillResult): string {
  const { drill, workloads, errors, violations } = result;
  const displaced = collectDisplaced(report, view);
  const facts = Object.entries(FATES).flatMap(([fate, text]): [string, string][] => {
    const parts = displaced.filter((part) => part.fate === fate);
    if (parts.length === 0) return [];
    const pods = parts.reduce((sum, part) => sum + part.pods, 0);
    const seconds = Math.max(...parts.map(({ afterSeconds = 0 }) => afterSeconds));
    return [[`Pods that ${text}`, `${pods}${seconds > 0 ? ` within ${Math.round(seconds)} s` : ""}`]];
  });
  const losing = workloads
    .filter(({ workload }) => view.cluster === undefined || workload.cluster === view.cluster)
    .filter(({ desired, left }) => left.after < desired);
  const rows = losing.map(({ workload, desired, left }) => ({
    workload,
    text: `${left.after} of ${desired}${left.before === left.after ? "" : ` (before: ${left.before})`}`,
    changed: true,
  }));
  const broken = violations
    .filter(({ cluster }) => view.cluster === undefined || cluster === view.cluster)
    .filter(({ after }) => after?.broken)
    .map((each) => `<p class="bad">${escapeHtml(`${each.cluster}: ${each.object} ${describeViolation(each)}`)}</p>`);
  const lost = result.clusters
    .filter(({ cluster }) => view.cluster === undefined || cluster === view.cluster)
    .map(
      (each) =>
        `<p${each.controlPlaneLost ? ' class="bad"' : ""}>${escapeHtml(`${each.cluster}: ${describeCluster(each)}`)}</p>`,
    );
  return (
    `<h3>Drill ${escapeHtml(drill)}</h3>${errors.map((error) => `<p class="bad">${escapeHtml(error)}</p>`).join("")}${lost.join("")}${renderFacts(facts)}${broken.join("")}` +
    (rows.length > 0
      ? `<h4>Workloads that lose pods</h4>${renderRows(rows)}`
      : errors.length > 0
        ? ""
        : "<p>Every workload keeps all of its pods.</p>")
  );
}

/** Renders what a reader selected: a drill, a region, or both. */
export function renderDetail(report: PreviewReport, view: MapView): string {
  const drill = view.drill === undefined ? undefined : report.drills[view.drill];
  const parts = [
    drill ? renderDrill(report, view, drill) : "",
    view.region === undefined ? "" : renderRegion(report, view),
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join("") : '<p class="hint">Select a region to see its workloads and links.</p>';
}
