import { annotations, labels } from "../fleet/labels";
import type { KubeObject } from "../fleet/kubernetes/object";
import { templateOf } from "../fleet/kubernetes/pod-template";
import { parseQuantity, toNumber } from "../fleet/kubernetes/quantity";
import type { Rendering } from "./rendering";
import type { Move, RegionReport, RoundTrips } from "./report";
import type { Outcome, SimulationReport } from "./simulator/protocol";

/** The region that the pods of each workload serve, by `kind namespace/name`. */
function servedRegions(objects: readonly KubeObject[]): Map<string, string> {
  return new Map(
    objects.flatMap((object): [string, string][] => {
      const metadata = templateOf(object)?.metadata;
      const region = metadata?.annotations?.[annotations.nearRegion] ?? metadata?.labels?.[labels.requiredRegion];
      const { namespace = "default", name = "" } = object.metadata;
      return region === undefined ? [] : [[`${object.kind} ${namespace}/${name}`, region]];
    }),
  );
}

/** The value at a share of sorted numbers, by the nearest rank. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;

function summarizeRoundTrips(values: readonly number[]): RoundTrips | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), max: sorted.at(-1)! };
}

interface RegionState {
  nodes: number;
  pods: number;
  readonly roundTrips: number[];
  readonly requested: { cpu: number; memory: number };
  readonly allocatable: { cpu: number; memory: number };
}

type Rtt = (from: string, to: string) => number | undefined;

/** What each region of a cluster has in one state. */
function collectRegions(
  { nodes, pods }: Outcome,
  served: ReadonlyMap<string, string>,
  rtt: Rtt,
): Map<string, RegionState> {
  const regions = new Map<string, RegionState>();
  const regionOf = new Map<string, string>();
  for (const { name, region = "", requested = {}, allocatable = {} } of nodes) {
    const state = regions.get(region) ?? {
      nodes: 0,
      pods: 0,
      roundTrips: [],
      requested: { cpu: 0, memory: 0 },
      allocatable: { cpu: 0, memory: 0 },
    };
    regions.set(region, state);
    regionOf.set(name, region);
    state.nodes += 1;
    for (const resource of ["cpu", "memory"] as const) {
      state.requested[resource] += toNumber(parseQuantity(requested[resource]) ?? 0n);
      state.allocatable[resource] += toNumber(parseQuantity(allocatable[resource]) ?? 0n);
    }
  }
  for (const { node, owner, origin } of pods) {
    const region = node === undefined || origin === "WouldRun" ? undefined : regionOf.get(node);
    const state = region === undefined ? undefined : regions.get(region);
    if (region === undefined || !state) continue;
    state.pods += 1;
    const target = owner && served.get(`${owner.kind} ${owner.namespace}/${owner.name}`);
    const time = target === undefined ? undefined : rtt(region, target);
    if (time !== undefined) state.roundTrips.push(time);
  }
  return regions;
}

const share = ({ requested, allocatable }: RegionState): { cpu: number; memory: number } => ({
  cpu: allocatable.cpu === 0 ? 0 : requested.cpu / allocatable.cpu,
  memory: allocatable.memory === 0 ? 0 : requested.memory / allocatable.memory,
});

const EMPTY: RegionState = {
  nodes: 0,
  pods: 0,
  roundTrips: [],
  requested: { cpu: 0, memory: 0 },
  allocatable: { cpu: 0, memory: 0 },
};

/** The regions of a cluster before and after a change, by name. */
export function compareRegions(
  report: SimulationReport,
  base: Rendering | undefined,
  head: Rendering,
  moves: readonly Move[],
): RegionReport[] {
  const { cluster, before, after } = report;
  const collect = (outcome: Outcome | undefined, rendering: Rendering | undefined): Map<string, RegionState> => {
    if (!outcome || !rendering) return new Map();
    const times = new Map(rendering.links.map(({ from, to, rttMs }) => [`${from}\0${to}`, rttMs]));
    const rtt: Rtt = (from, to) => (from === to ? 0 : times.get(`${from}\0${to}`));
    const objects = rendering.clusters.find(({ name }) => name === cluster)?.objects ?? [];
    return collectRegions(outcome, servedRegions(objects), rtt);
  };
  const [old, current] = [collect(before, base), collect(after, head)];
  const names = [...new Set([...old.keys(), ...current.keys()])].filter((name) => name !== "").sort();
  return names.map((region) => {
    const [one, other] = [old.get(region) ?? EMPTY, current.get(region) ?? EMPTY];
    const crossing = moves.filter(({ from, to }) => from.region !== to.region);
    return {
      cluster,
      region,
      nodes: { before: one.nodes, after: other.nodes },
      pods: { before: one.pods, after: other.pods },
      movedIn: crossing.filter(({ to }) => to.region === region).length,
      movedOut: crossing.filter(({ from }) => from.region === region).length,
      roundTrip: { before: summarizeRoundTrips(one.roundTrips), after: summarizeRoundTrips(other.roundTrips) },
      requested: { before: share(one), after: share(other) },
    };
  });
}
