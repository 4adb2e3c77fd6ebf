import { stripVTControlCharacters } from "node:util";

import pc from "picocolors";

import { daysUntil } from "../../fleet/certificate-expiry";
import { formatColumns } from "../table";
import { expiresTooSoon, REMEDIES } from "./expiry-limits";
import { renderEdgeData } from "./render-edge-data";
import { renderMeasuredLinks } from "./measured-links";
import type { ClusterStatus, ExpiryStatus, NodeStatus, StatusReport } from "./report";

const formatCount = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Formats `12 pods placed`, or `11 of 12 pods placed` in yellow. */
function formatShare(part: number, whole: number, what: string, state: string): string {
  return part === whole ? `${whole} ${what} ${state}` : pc.yellow(`${part} of ${whole} ${what} ${state}`);
}

function renderCluster(cluster: ClusterStatus): string[] {
  if (!cluster.reachable) return [cluster.name, pc.red(`unreachable: ${cluster.problem}`)];
  return [
    cluster.name,
    formatCount(cluster.servers, "server"),
    `${formatShare(cluster.nodesReady, cluster.nodes, "nodes", "ready")} in ${formatCount(cluster.regions.length, "region")}`,
    formatShare(cluster.podsPlaced, cluster.pods, "pods", "placed"),
    formatShare(cluster.brokersReady, cluster.brokers, "brokers", "ready"),
  ];
}

function formatTally<T>(items: readonly T[], key: (item: T) => string): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => `${n} ${name || "-"}`)
    .join(", ");
}

/** How a table shows the nodes of a region. */
type FormatNodes = (nodes: readonly NodeStatus[]) => string;

const nodesByDevice: FormatNodes = (nodes) => formatTally(nodes, ({ device }) => device);

const countNodes: FormatNodes = (nodes) =>
  `${formatCount(nodes.length, "node")}, ${formatCount(new Set(nodes.map(({ device }) => device)).size, "device")}`;

/** Renders one row per cluster and region with its nodes, its pods and its brokers. */
function renderRegions(report: StatusReport, formatNodes: FormatNodes): string[][] {
  const regions = new Map(
    report.nodes
      .filter(({ role }) => role === "agent")
      .map(({ cluster, region }) => [`${cluster}\0${region}`, { cluster, region }]),
  );
  return [...regions.values()]
    .sort((a, b) => (a.cluster + a.region < b.cluster + b.region ? -1 : 1))
    .map(({ cluster, region }) => {
      const isHere = (item: { cluster: string; region?: string }): boolean =>
        item.cluster === cluster && item.region === region;
      return [
        cluster,
        region || "-",
        formatNodes(report.nodes.filter(isHere).filter(({ role }) => role === "agent")),
        formatCount(report.pods.filter(isHere).length, "pod"),
        report.brokers
          .filter(isHere)
          .map(({ name, ready }) => (ready ? name : pc.yellow(`${name} (not ready)`)))
          .join(", "),
      ];
    });
}

/** Renders the summary that `skerry up` prints last. */
export function renderSummary(report: StatusReport, note = ""): string {
  const unplaced = report.unplaced.length;
  const verdict = `  ${unplaced === 0 ? pc.green("0 unplaced") : pc.red(`${unplaced} unplaced`)}${note}`;
  return [formatColumns(report.clusters.map(renderCluster)), ...renderUnplaced(report), verdict].join("\n");
}

function renderUnplaced(report: StatusReport): string[] {
  return report.unplaced.map(
    ({ cluster, namespace, name, reason }) => `  ${pc.red("unplaced")} ${cluster}/${namespace}/${name}: ${reason}`,
  );
}

const formatRegions = (report: StatusReport, formatNodes: FormatNodes): string =>
  formatColumns(
    renderRegions(report, formatNodes),
    ["CLUSTER", "REGION", "NODES", "PODS", "BROKER"].map((head) => pc.dim(head)),
  );

function formatTime({ expires }: ExpiryStatus, now: Date): string {
  const days = daysUntil(new Date(expires), now);
  return days < 0 ? `expired on ${expires.slice(0, 10)}` : `expires in ${formatCount(days, "day")}`;
}

/** Renders what expires soon, every bootstrap token, and the certificate that expires next. */
function renderExpiries({ expiries }: StatusReport, now: Date): string[] {
  const describe = (expiry: ExpiryStatus): string =>
    `${expiry.cluster}: ${expiry.kind.replaceAll("-", " ")} ${expiry.name} ${formatTime(expiry, now)}`;
  const urgent = expiries.filter((expiry) => expiresTooSoon(expiry, now));
  const tokens = expiries.filter(({ kind }) => kind === "bootstrap-token");
  const next = expiries.find((expiry) => expiry.kind !== "bootstrap-token" && !urgent.includes(expiry));
  return [
    ...urgent.map((expiry) => `  ${pc.red(describe(expiry))}: ${REMEDIES[expiry.kind]}`),
    ...tokens.map((expiry) => `  ${describe(expiry)}`),
    ...(next ? [`  ${pc.dim(`next expiry: ${describe(next)}`)}`] : []),
  ];
}

const fits = (text: string, width: number): boolean =>
  text.split("\n").every((line) => stripVTControlCharacters(line).length <= width);

/**
 * Renders the whole status as text.
 *
 * @param width columns of the terminal. A table that is too wide for it counts nodes and devices instead of listing them.
 *   @default - no limit
 * @param now the time at which remaining days are counted
 */
export function renderStatus(report: StatusReport, width = Infinity, now = new Date()): string {
  const full = formatRegions(report, nodesByDevice);
  const regions = fits(full, width) ? full : formatRegions(report, countNodes);
  const details = [...renderEdgeData(report, now), ...renderMeasuredLinks(report.measuredLinks, now)];
  return [
    regions,
    "",
    ...(details.length > 0 ? [...details, ""] : []),
    renderSummary(report),
    ...renderExpiries(report, now),
  ].join("\n");
}
