import pc from "picocolors";

import { columns } from "../table";
import type { ClusterStatus, StatusReport } from "./report";

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** `12 pods` when all are so, `11 of 12 pods placed` when some are not. */
function share(part: number, whole: number, what: string, state: string): string {
  return part === whole ? `${whole} ${what} ${state}` : pc.yellow(`${part} of ${whole} ${what} ${state}`);
}

function clusterRow(cluster: ClusterStatus): string[] {
  if (!cluster.reachable) return [cluster.name, pc.red(`unreachable: ${cluster.problem}`)];
  return [
    cluster.name,
    count(cluster.servers, "server"),
    `${share(cluster.nodesReady, cluster.nodes, "nodes", "ready")} in ${count(cluster.regions.length, "region")}`,
    share(cluster.podsPlaced, cluster.pods, "pods", "placed"),
    share(cluster.brokersReady, cluster.brokers, "brokers", "ready"),
  ];
}

function tally<T>(items: readonly T[], key: (item: T) => string): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, n]) => `${n} ${name || "-"}`)
    .join(", ");
}

/** One row a cluster and region: its nodes by device, its pods by namespace, its broker. */
function regionRows(report: StatusReport): string[][] {
  const places = new Map(
    report.nodes
      .filter(({ role }) => role === "agent")
      .map(({ cluster, region }) => [`${cluster}\0${region}`, { cluster, region }]),
  );
  return [...places.values()]
    .sort((a, b) => (a.cluster + a.region < b.cluster + b.region ? -1 : 1))
    .map(({ cluster, region }) => {
      const here = (item: { cluster: string; region?: string }): boolean =>
        item.cluster === cluster && item.region === region;
      return [
        cluster,
        region || "-",
        tally(
          report.nodes.filter(here).filter(({ role }) => role === "agent"),
          ({ device }) => device,
        ),
        count(report.pods.filter(here).length, "pod"),
        report.brokers
          .filter(here)
          .map(({ name, ready }) => (ready ? name : pc.yellow(`${name} (not ready)`)))
          .join(", "),
      ];
    });
}

/** The lines that `make up` ends with. */
export function renderSummary(report: StatusReport, note = ""): string {
  const unplaced = report.unplaced.length;
  const verdict = `  ${unplaced === 0 ? pc.green("0 unplaced") : pc.red(`${unplaced} unplaced`)}${note}`;
  return [columns(report.clusters.map(clusterRow)), ...unplacedLines(report), verdict].join("\n");
}

function unplacedLines(report: StatusReport): string[] {
  return report.unplaced.map(
    ({ cluster, namespace, name, reason }) => `  ${pc.red("unplaced")} ${cluster}/${namespace}/${name}: ${reason}`,
  );
}

/** The whole status for people. */
export function renderStatus(report: StatusReport): string {
  const regions = columns(
    regionRows(report),
    ["CLUSTER", "REGION", "NODES", "PODS", "BROKER"].map((head) => pc.dim(head)),
  );
  return `${regions}\n\n${renderSummary(report)}`;
}
