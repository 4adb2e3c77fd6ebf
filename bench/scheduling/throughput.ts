/**
 * Measures the scheduling cycle without an API server: upstream's scheduler with and without Skerry's plugins, for pods
 * without a region and for pods that require one of ten. With the stock scheduler, pods use a node selector.
 *
 *   npx tsx bench/scheduling/throughput.ts [rounds]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { largestDevice } from "../../charts/system/device-scale";
import { regionLinks } from "../../charts/system/region-links";
import { schedulerConfig } from "../../charts/system/scheduler-config";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { plot, type Series } from "../plot";
import { record, spread, table } from "../record";
import { groupBy, measure } from "./program";

interface Run {
  readonly policy: "stock" | "edge";
  readonly pods: "plain" | "region";
  readonly nodes: number;
  readonly count: number;
  readonly round: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Numbers of nodes and pods per run; larger clusters get fewer pods, because each takes longer. */
const SIZES = [
  [100, 5_000],
  [1_000, 5_000],
  [5_000, 2_000],
] as const;

async function main(): Promise<void> {
  const rounds = process.argv[2] ?? "5";
  const fleet = parseFleet(local);
  const folder = mkdtempSync(join(tmpdir(), "skerry-throughput-"));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const scale = largestDevice(fleet);
  const files = [
    ["--links", write("links.json", regionLinks(fleet))],
    [
      "--edge",
      write(
        "edge.yaml",
        schedulerConfig({
          edgeProximity: { linksFile: "links/links.json" },
          ...(scale ? { resourceProfile: { scale } } : {}),
        }),
      ),
    ],
    ["--stock", write("stock.yaml", "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n")],
  ].flat();
  try {
    const runs: Run[] = [];
    for (const [nodes, pods] of SIZES) {
      runs.push(
        ...(await measure<Run>([
          "throughput",
          ...files,
          "--nodes",
          `${nodes}`,
          "--pods",
          `${pods}`,
          "--rounds",
          rounds,
        ])),
      );
    }
    const costs = (pods: Run["pods"]): Series[] =>
      (["stock", "edge"] as const).map((policy) => ({
        name: policy,
        points: SIZES.map(([nodes]) => {
          const { median, min, max } = spread(
            runs
              .filter((run) => run.pods === pods && run.policy === policy && run.nodes === nodes)
              .map(({ count, cpuSeconds }) => (cpuSeconds / count) * 1e6),
          );
          return [nodes, median, min, max];
        }),
      }));
    const panel = { x: "nodes", y: "CPU time per pod (µs)", logarithmic: { x: true, y: true } };
    plot("scheduling-cost", "Cost of scheduling a pod: median, minimum and maximum", [
      { ...panel, title: "pods without a region", series: costs("plain") },
      { ...panel, title: "pods that require one of ten regions", series: costs("region") },
    ]);
    const rows = groupBy(runs, ({ nodes, pods }) => `${nodes} ${pods}`).map(([, group]) => {
      const valuesOf = (policy: string, value: (run: Run) => number): number[] =>
        group.filter((run) => run.policy === policy).map(value);
      const perSecond = (policy: string): number[] => valuesOf(policy, ({ count, seconds }) => count / seconds);
      const cost = (policy: string): number[] =>
        valuesOf(policy, ({ count, cpuSeconds }) => (cpuSeconds / count) * 1e6);
      const ratio = (over: number[], under: number[]): string => {
        const { median, min, max } = spread(over.map((value, round) => value / under[round]!));
        return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
      };
      const [stock, edge] = [perSecond("stock"), perSecond("edge")];
      return [
        group[0]!.nodes,
        group[0]!.pods === "plain" ? "no region" : "a region",
        spread(stock).median.toFixed(0),
        spread(edge).median.toFixed(0),
        ratio(edge, stock),
        spread(cost("stock")).median.toFixed(0),
        spread(cost("edge")).median.toFixed(0),
        ratio(cost("stock"), cost("edge")),
      ];
    });
    await record(
      "Scheduling: throughput of the cycle alone, and its growth",
      `npx tsx bench/scheduling/throughput.ts ${rounds}`,
      `Pods per second, median of ${rounds} rounds; the ratio is edge over stock in the same round (minimum–maximum). Then CPU ` +
        "time per pod in microseconds, which other work on the machine affects less, and its ratio, stock over edge. All three " +
        "plugins are enabled. Every node has a fresh profile with a utilization of up to 50 %.\n\n" +
        table(["nodes", "pods require", "stock", "edge", "edge ÷ stock", "stock µs", "edge µs", "stock ÷ edge"], rows),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
