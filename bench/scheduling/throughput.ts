/**
 * The scheduling cycle alone, over nodes in memory: upstream's scheduler with its own plugins against the same with ours,
 * for pods without a region and for pods that name one of ten. Stock's pods name it by a node selector.
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
import { groups, measure } from "./program";

interface Figure {
  readonly policy: "stock" | "edge";
  readonly pods: "plain" | "region";
  readonly nodes: number;
  readonly count: number;
  readonly round: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Nodes, and pods of a run: fewer where each takes longer. */
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
    const figures: Figure[] = [];
    for (const [nodes, pods] of SIZES) {
      figures.push(
        ...(await measure<Figure>([
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
    const costs = (pods: Figure["pods"]): Series[] =>
      (["stock", "edge"] as const).map((policy) => ({
        name: policy,
        points: SIZES.map(([nodes]) => {
          const { median, min, max } = spread(
            figures
              .filter((figure) => figure.pods === pods && figure.policy === policy && figure.nodes === nodes)
              .map(({ count, cpuSeconds }) => (cpuSeconds / count) * 1e6),
          );
          return [nodes, median, min, max];
        }),
      }));
    const panel = { x: "nodes", y: "processor µs a pod", logarithmic: { x: true, y: true } };
    plot("scheduling-cost", "Cost of scheduling a pod: median, least and most", [
      { ...panel, title: "pods without a region", series: costs("plain") },
      { ...panel, title: "pods that name one of ten regions", series: costs("region") },
    ]);
    const rows = groups(figures, ({ nodes, pods }) => `${nodes} ${pods}`).map(([, of]) => {
      const each = (policy: string, value: (figure: Figure) => number): number[] =>
        of.filter((figure) => figure.policy === policy).map(value);
      const perSecond = (policy: string): number[] => each(policy, ({ count, seconds }) => count / seconds);
      const cost = (policy: string): number[] => each(policy, ({ count, cpuSeconds }) => (cpuSeconds / count) * 1e6);
      const ratio = (over: number[], under: number[]): string => {
        const { median, min, max } = spread(over.map((value, round) => value / under[round]!));
        return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
      };
      const [stock, edge] = [perSecond("stock"), perSecond("edge")];
      return [
        of[0]!.nodes,
        of[0]!.pods === "plain" ? "no region" : "a region",
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
      `Pods a second, median of ${rounds} rounds; the ratio is edge over stock of the same round (least–most); then processor ` +
        "microseconds a pod, which tell more where the machine has other work too, and their ratio, stock over edge. All three " +
        "plugins are on, every node has a fresh profile with up to half of it in use.\n\n" +
        table(["nodes", "pods name", "stock", "edge", "edge ÷ stock", "stock µs", "edge µs", "stock ÷ edge"], rows),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
