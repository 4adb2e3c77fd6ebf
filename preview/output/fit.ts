import Table from "cli-table3";

import type { Bottleneck, ClusterFit, FitReport, MixedWorkload, StateFit } from "../fit";
import type { ObjectReference, RejectedNodes } from "../simulator/protocol";
import { plural, shortName } from "./tally";
import { colorsOf, describeNodes, noteLines, rejectedLines, type TextOptions, wrap } from "./text";

const describeWorkload = (workload: ObjectReference): string => `${workload.kind} ${shortName(workload)}`;

const describeMix = (mix: readonly MixedWorkload[]): string =>
  mix.length === 1
    ? describeWorkload(mix[0]!)
    : mix.map((workload) => `${workload.perRound} ${shortName(workload)}`).join(" + ");

/** Groups of rejected nodes that are shown; skerry explain has all. */
const SHOWN_REJECTED = 3;

/** Nodes that would take the pod if they had more resources. */
const lacksOnlyResources = ({ verdicts }: RejectedNodes): boolean =>
  verdicts.length === 1 && verdicts[0]!.plugin === "NodeResourcesFit";

/** `cpu on 20 nodes`, or the filters where no node would take the pod whatever it requested. */
export function describeBottleneck({ rejected, message }: Bottleneck): string {
  const full = rejected.filter(lacksOnlyResources);
  if (full.length > 0)
    return full
      .map(({ verdicts, nodes }) => {
        const resources = verdicts[0]!.reasons.map((reason) => reason.replace(/^Insufficient /, ""));
        return `${resources.join(" and ")} on ${plural(nodes.length, "node")}`;
      })
      .join("; ");
  if (rejected.length === 0) return message;
  const plugins = new Map<string, number>();
  for (const { verdicts, nodes } of rejected)
    for (const { plugin } of verdicts) plugins.set(plugin, (plugins.get(plugin) ?? 0) + nodes.length);
  const most = [...plugins]
    .sort(([, a], [, b]) => b - a)
    .map(([plugin, nodes]) => `${plugin} rejects ${plural(nodes, "node")}`);
  return most.join(", ");
}

const sumFits = (report: FitReport, state: (cluster: ClusterFit) => StateFit): number =>
  report.clusters.map(state).reduce((sum, { rounds, workloads }) => {
    return sum + (report.mix.length === 1 ? workloads[0]!.fits + workloads[0]!.partial : rounds);
  }, 0);

function describeVerdict(report: FitReport): string {
  const { mix, max, clusters } = report;
  const what = describeMix(mix);
  const total = sumFits(report, (cluster) => cluster);
  const bound = max && clusters.some(({ limited }) => limited) ? "At least " : "";
  if (max && mix.length > 1) return `${bound}${plural(total, "more round")} of ${what} fit`;
  if (max) return total === 0 ? `No more pods of ${what} fit` : `${bound}${total} more pods of ${what} fit`;
  const yes = clusters.filter(({ rounds }) => rounds > 0).map(({ cluster }) => cluster);
  const one = mix.length > 1 ? what : `${plural(mix[0]!.perRound, "more pod")} of ${what}`;
  if (yes.length === 0 && mix.length === 1 && total > 0)
    return `Of ${one}, ${clusters.map(({ cluster, workloads: [own] }) => `${own!.partial} fit in ${cluster}`).join(", ")}`;
  if (yes.length === 0) return `${one} ${mix.length === 1 && mix[0]!.perRound === 1 ? "does" : "do"} not fit`;
  const fits = mix.length === 1 && mix[0]!.perRound === 1 ? "fits" : "fit";
  return `${one} ${fits} in ${yes.length === clusters.length && yes.length > 1 ? `each of ${yes.length} clusters` : yes.join(", ")}`;
}

/** Columns that a name has at least where a terminal is narrow. */
const MIN_NAME_WIDTH = 14;

/** @param nameWidth columns for names of workloads. @default as wide as the longest */
function renderTable(report: FitReport, { width }: TextOptions, nameWidth?: number): string {
  const { clusters, mix, max, addedNodes } = report;
  const isMix = mix.length > 1;
  const head = ["cluster", ...(isMix ? ["workload"] : []), "running", "pending", "more", "in all"];
  const table = new Table({
    head: [...head, ...(addedNodes ? ["with pool"] : [])],
    style: { head: [], border: [] },
    colAligns: head.map((name) => (name === "cluster" || name === "workload" ? "left" : "right")),
    ...(nameWidth !== undefined && { colWidths: [null, nameWidth], wordWrap: true, wrapOnWordBoundary: false }),
  });
  const fitsOf = ({ fits, partial }: StateFit["workloads"][number]): number => (isMix && max ? fits : fits + partial);
  for (const cluster of clusters)
    cluster.workloads.forEach((workload, index) => {
      const fits = fitsOf(workload);
      const bound = max && cluster.limited ? "≥ " : "";
      const more = cluster.withPool && fitsOf(cluster.withPool.workloads[index]!);
      table.push([
        index === 0 ? cluster.cluster : "",
        ...(isMix ? [shortName(workload)] : []),
        workload.running,
        workload.pending === 0 ? "–" : workload.pending,
        `${bound}${fits}`,
        `${bound}${workload.running + fits}`,
        ...(addedNodes
          ? [
              more === undefined
                ? "–"
                : `${max && cluster.withPool!.limited ? "≥ " : ""}${more} (${more < fits ? "" : "+"}${more - fits})`,
            ]
          : []),
      ]);
    });
  if (clusters.length > 1 && !isMix) {
    const all = clusters.map(({ workloads }) => workloads[0]!);
    const sum = (count: (workload: (typeof all)[number]) => number): number =>
      all.reduce((total, workload) => total + count(workload), 0);
    const fits = sum(fitsOf);
    table.push([
      "total",
      sum(({ running }) => running),
      sum(({ pending }) => pending) || "–",
      fits,
      fits + sum(({ running }) => running),
      ...(addedNodes ? [sumFits(report, (cluster) => cluster.withPool ?? cluster)] : []),
    ]);
  }
  const text = table.toString();
  const excess = text.indexOf("\n") - width;
  if (!isMix || excess <= 0 || nameWidth !== undefined) return text;
  const longest = Math.max(...mix.map((workload) => shortName(workload).length));
  return renderTable(report, { width, colors: false }, Math.max(MIN_NAME_WIDTH, longest + 2 - excess));
}

/** Whether added nodes help, and by how much. */
function poolLines(report: FitReport, options: TextOptions): string[] {
  const { addedNodes, mix } = report;
  const cluster = report.clusters.find(({ withPool }) => withPool);
  if (!addedNodes || !cluster?.withPool) return [];
  const { withPool } = cluster;
  const { count, pool, device, region } = addedNodes;
  const gain = sumFits(report, (each) => each.withPool ?? each) - sumFits(report, (each) => each);
  const what = mix.length === 1 ? "pod" : "round";
  const nodes = `${plural(count, "node")} (${device}) in pool ${pool}, region ${region}, cluster ${addedNodes.cluster}`;
  const helps = gain > 0 ? `${plural(gain, `more ${what}`)} fit${gain === 1 ? "s" : ""}` : `no more ${what}s fit`;
  const existing = new Set(cluster.nodes.map(({ name }) => name));
  const added = withPool.nodes.filter(({ name }) => !existing.has(name)).map(({ name }) => name);
  const bottleneck = withPool.bottleneck;
  const on = bottleneck?.rejected.filter((group) => group.nodes.some((node) => added.includes(node))) ?? [];
  const own = on.map((group) => ({ ...group, nodes: group.nodes.filter((node) => added.includes(node)) }));
  return [
    "",
    ...wrap("", `With ${nodes}: ${helps}.`, options).map(colorsOf(options).bold),
    ...(gain <= 0 && own.length > 0 ? rejectedLines(own, withPool.nodes, options, SHOWN_REJECTED) : []),
    ...(gain > 0 && bottleneck ? wrap("", `Then the bottleneck is ${describeBottleneck(bottleneck)}.`, options) : []),
  ];
}

function bottleneckLines(report: FitReport, cluster: ClusterFit, options: TextOptions): string[] {
  const pc = colorsOf(options);
  const { bottleneck, placed, nodes, rounds } = cluster;
  const where = Object.keys(placed).sort();
  const lines = ["", pc.bold(cluster.cluster)];
  if (rounds > 0 && where.length > 0) lines.push(...wrap("  ", `they go to ${describeNodes(where, nodes)}`, options));
  if (!bottleneck) return lines;
  const next = report.mix.length > 1 ? `the next pod of ${describeWorkload(bottleneck.workload)}` : "the next pod";
  lines.push(...wrap("  ", `${next} does not fit. Bottleneck: ${describeBottleneck(bottleneck)}`, options));
  // Nodes that are only full come first: they are the bottleneck.
  const ordered = [...bottleneck.rejected].sort(
    (a, b) => Number(lacksOnlyResources(b)) - Number(lacksOnlyResources(a)),
  );
  lines.push(...rejectedLines(ordered, nodes, options, SHOWN_REJECTED));
  return lines;
}

/** Renders how many more pods fit as text for a terminal. */
export function renderFit(report: FitReport, options: TextOptions): string {
  const pc = colorsOf(options);
  const { kubernetes, seed, snapshot, clusters, rounds, roundsWithPool = 0 } = report;
  const source = snapshot === undefined ? "simulated" : `snapshot of ${snapshot}`;
  const verdict = describeVerdict(report);
  const color = Math.max(rounds, roundsWithPool) > 0 ? pc.green : pc.red;
  const notes = clusters.flatMap(({ cluster, errors, notModelled }) =>
    noteLines(
      {
        errors: errors.map((each) => `${cluster}: ${each}`),
        notModelled: notModelled.map((each) => `${cluster}: ${each}`),
      },
      options,
    ),
  );
  return (
    [
      ...wrap("", verdict, options).map((line) => pc.bold(color(line))),
      ...wrap("", `Kubernetes ${kubernetes}, seed ${seed}, ${source}; no pod is preempted`, options).map(pc.dim),
      "",
      renderTable(report, options),
      ...poolLines(report, options),
      ...clusters.flatMap((cluster) => bottleneckLines(report, cluster, options)),
      ...(notes.length > 0 ? ["", ...notes] : []),
    ].join("\n") + "\n"
  );
}
