/**
 * Parsing and rendering fleets of 100, 1,000 and 10,000 nodes: the time, and how it grows against the smallest.
 *
 *   npx tsx bench/parse-synth.ts [runs]
 */
import { renderFleet } from "../charts/render";
import { parseFleet } from "../fleet/parse";
import { local } from "../stacks/local";
import { record, spread, table } from "./record";

const NODES_A_POOL = 10;

/** A fleet of that many nodes: clusters of up to 100 pools of 10 nodes each, in the local fleet's regions. */
function fleetOf(nodes: number): unknown {
  const pools = nodes / NODES_A_POOL;
  const poolsACluster = Math.min(100, pools);
  const regions = local.regions.map(({ name }) => name);
  const clusters = Array.from({ length: pools / poolsACluster }, (_, index) => ({
    name: `cluster-${index}`,
    homeRegion: regions[index % regions.length]!,
    clusterCidr: "10.32.0.0/13",
    serviceCidr: "10.64.0.0/16",
    nodePools: Array.from({ length: poolsACluster }, (_unused, pool) => ({
      name: `pool-${pool}`,
      region: regions[pool % regions.length]!,
      device: "raspberry-pi-5",
      count: NODES_A_POOL,
    })),
  }));
  return { ...local, name: "grown", clusters, workloads: {} };
}

function milliseconds(runs: number, work: () => unknown): ReturnType<typeof spread> {
  work();
  return spread(
    Array.from({ length: runs }, () => {
      const started = process.hrtime.bigint();
      work();
      return Number(process.hrtime.bigint() - started) / 1e6;
    }),
  );
}

const runs = Number(process.argv[2] ?? 5);
const sizes = [100, 1_000, 10_000];
const measured = sizes.map((nodes) => {
  const input = fleetOf(nodes);
  const fleet = parseFleet(input);
  return {
    nodes,
    parse: milliseconds(runs, () => parseFleet(input)),
    synth: milliseconds(runs, () => renderFleet(fleet)),
  };
});
const [smallest] = measured;
const rows = measured.map(({ nodes, parse, synth }) => [
  nodes,
  `${parse.median.toFixed(1)} (${parse.min.toFixed(1)}–${parse.max.toFixed(1)})`,
  (parse.median / smallest!.parse.median).toFixed(1),
  `${synth.median.toFixed(0)} (${synth.min.toFixed(0)}–${synth.max.toFixed(0)})`,
  (synth.median / smallest!.synth.median).toFixed(1),
]);
void record(
  "Parsing and rendering",
  `npx tsx bench/parse-synth.ts ${runs}`,
  `Milliseconds: median (least–most) of ${runs} runs after one that was not counted; × is the ratio to 100 nodes.\n\n${table(["nodes", "parse", "×", "synth", "×"], rows)}`,
);
