import { annotations, labels } from "../fleet/labels";
import type { KubeObject } from "../fleet/kubernetes/object";
import { templateOf } from "../fleet/kubernetes/pod-template";
import { type NodeFacts, type NodeSummary, factsOf, summarizeNodes } from "./node-summary";
import type { Rendering } from "./rendering";
import type { ClusterReport, Move, NodeGroupReport, RegionReport, RoundTrips } from "./report";
import type { Outcome, SimulatedNode, SimulationReport } from "./simulator/protocol";

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
  readonly nodes: SimulatedNode[];
  pods: number;
  readonly roundTrips: number[];
}

const newRegion = (): RegionState => ({ nodes: [], pods: 0, roundTrips: [] });

type Rtt = (from: string, to: string) => number | undefined;

/** What each region of a cluster has in one state. */
function collectRegions(
  { nodes, pods }: Outcome,
  served: ReadonlyMap<string, string>,
  rtt: Rtt,
): Map<string, RegionState> {
  const regions = new Map<string, RegionState>();
  const regionOf = new Map<string, string>();
  for (const node of nodes) {
    const { name, region = "" } = node;
    const state = regions.get(region) ?? newRegion();
    regions.set(region, state);
    regionOf.set(name, region);
    state.nodes.push(node);
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

/** A cluster in one state. */
interface ClusterState {
  readonly regions: ReadonlyMap<string, RegionState>;
  readonly nodes: readonly SimulatedNode[];
  readonly facts: NodeFacts;
}

function collectCluster(cluster: string, outcome: Outcome | undefined, rendering: Rendering): ClusterState {
  const rendered = rendering.clusters.find(({ name }) => name === cluster);
  if (!outcome || !rendered) return { regions: new Map(), nodes: [], facts: { servers: new Set() } };
  const times = new Map(rendering.links.map(({ from, to, rttMs }) => [`${from}\0${to}`, rttMs]));
  const rtt: Rtt = (from, to) => (from === to ? 0 : times.get(`${from}\0${to}`));
  return {
    regions: collectRegions(outcome, servedRegions(rendered.objects), rtt),
    nodes: outcome.nodes,
    facts: factsOf(rendered),
  };
}

/** Compares summaries of nodes. Where only one revision states prices, those of the other are unknown. */
function compareNodes(
  [before, after]: readonly [NodeSummary, NodeSummary],
  nodes: { readonly before: number; readonly after: number },
): NodeGroupReport {
  const unknown = (count: number) => ({ perHour: 0, unknownNodes: count });
  return {
    requested: { before: before.requested, after: after.requested },
    skew: { before: before.skew, after: after.skew },
    ...((before.cost ?? after.cost) && {
      cost: { before: before.cost ?? unknown(nodes.before), after: after.cost ?? unknown(nodes.after) },
    }),
  };
}

/** A cluster and its regions before and after a change. */
export interface ComparedCluster {
  readonly cluster: ClusterReport;
  /** By name. */
  readonly regions: readonly RegionReport[];
}

/** Compares a cluster and its regions before and after a change. */
export function compareRegions(
  { cluster, before, after }: SimulationReport,
  base: Rendering,
  head: Rendering,
  moves: readonly Move[],
): ComparedCluster {
  const old = collectCluster(cluster, before, base);
  const current = collectCluster(cluster, after, head);
  const compare = (one: readonly SimulatedNode[], other: readonly SimulatedNode[]) => {
    const nodes = { before: one.length, after: other.length };
    return { nodes, ...compareNodes([summarizeNodes(one, old.facts), summarizeNodes(other, current.facts)], nodes) };
  };
  const names = [...new Set([...old.regions.keys(), ...current.regions.keys()])].filter((name) => name !== "").sort();
  const crossing = moves.filter(({ from, to }) => from.region !== to.region);
  return {
    cluster: { cluster, ...compare(old.nodes, current.nodes) },
    regions: names.map((region) => {
      const [one, other] = [old.regions.get(region) ?? newRegion(), current.regions.get(region) ?? newRegion()];
      return {
        cluster,
        region,
        pods: { before: one.pods, after: other.pods },
        movedIn: crossing.filter(({ to }) => to.region === region).length,
        movedOut: crossing.filter(({ from }) => from.region === region).length,
        roundTrip: { before: summarizeRoundTrips(one.roundTrips), after: summarizeRoundTrips(other.roundTrips) },
        ...compare(one.nodes, other.nodes),
      };
    }),
  };
}
