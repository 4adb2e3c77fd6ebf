/**
 * CPU time of parsing and rendering fleets of 100, 1,000 and 10,000 nodes, and of 100, 1,000 and 10,000 workloads, with the
 * ratio to the smallest.
 *
 *   npx tsx bench/parse-synth.ts [runs]
 */
import { renderFleet } from "../charts/render";
import { parseFleet } from "../fleet/reading/parse";
import { local } from "../stacks/local";
import { record, spread, table } from "./record";

const NODES_A_POOL = 10;

/** A fleet with `nodes` nodes: clusters of up to 100 pools of 10 nodes each, in the regions of the local fleet. */
function buildFleetOfNodes(nodes: number): unknown {
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

function measureMilliseconds(runs: number, work: () => unknown): ReturnType<typeof spread> {
  work();
  return spread(
    Array.from({ length: runs }, () => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e3;
    }),
  );
}

/** A cluster with `workloads` workloads over all kinds of placement, and enough nodes for them. */
function buildFleetOfWorkloads(workloads: number): unknown {
  const regions = local.regions.slice(0, 4).map(({ name }) => name);
  const placements = [
    { kind: "anywhere", replicas: 2 },
    { kind: "region", region: regions[1], replicas: 2 },
    { kind: "each-region", regions: regions.slice(0, 2), replicas: 2 },
    { kind: "every-node", device: "raspberry-pi-5" },
  ];
  const nodePools = regions.map((region) => ({
    name: `${region}-edge`,
    region,
    device: "raspberry-pi-5",
    count: 500,
    capacity: { cpuCores: 1_024, memoryMiB: 1_048_576, disk: "ssd", diskGiB: 64, iops: 1_000, networkMbps: 1_000 },
  }));
  const all = Array.from({ length: workloads }, (_, index): [string, object] => [
    `workload-${index}`,
    {
      namespace: `team-${index % 20}`,
      image: "registry.example/workload:1.0.0",
      placement: placements[index % placements.length],
      resources: { cpu: "1m", memory: "1Mi" },
    },
  ]);
  const cluster = {
    name: "one",
    homeRegion: regions[0],
    clusterCidr: "10.32.0.0/13",
    serviceCidr: "10.64.0.0/16",
    nodePools,
  };
  return { ...local, name: "grown", clusters: [cluster], workloads: Object.fromEntries(all) };
}

const runs = Number(process.argv[2] ?? 5);
const SIZES = [100, 1_000, 10_000];

function rows(make: (size: number) => unknown): (string | number)[][] {
  const measured = SIZES.map((size) => {
    const input = make(size);
    const fleet = parseFleet(input);
    const [rendered] = renderFleet(fleet);
    return {
      size,
      objects: rendered!.objects.length,
      parse: measureMilliseconds(runs, () => parseFleet(input)),
      synth: measureMilliseconds(runs, () => renderFleet(fleet)),
    };
  });
  const [smallest] = measured;
  return measured.map(({ size, objects, parse, synth }) => [
    size,
    objects,
    `${parse.median.toFixed(1)} (${parse.min.toFixed(1)}–${parse.max.toFixed(1)})`,
    (parse.median / smallest!.parse.median).toFixed(1),
    `${synth.median.toFixed(0)} (${synth.min.toFixed(0)}–${synth.max.toFixed(0)})`,
    (synth.median / smallest!.synth.median).toFixed(1),
  ]);
}

const head = (what: string): string[] => [what, "objects of a cluster", "parse", "×", "synth", "×"];
const nodes = rows(buildFleetOfNodes);
const workloads = rows(buildFleetOfWorkloads);
const peak = Math.round(process.resourceUsage().maxRSS / 1024);
void record(
  "Parsing and rendering",
  `npx tsx bench/parse-synth.ts ${runs}`,
  `Milliseconds of processor: median (least–most) of ${runs} runs after one that was not counted; × is the ratio to 100. Peak memory of it all: ${peak} MiB.\n\n${table(head("nodes"), nodes)}\n\n${table(head("workloads"), workloads)}`,
);
