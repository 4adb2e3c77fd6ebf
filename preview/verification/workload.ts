import type { ExpectedCluster, ExpectedWorkload } from "../report";
import type { PodPlace } from "./agreement";
import { assign } from "./matching";
import type { ObservedCluster, ObservedPod } from "./observation";
import { parsePositions } from "./positions";

/** Stands for the absence of a node, and of a region. */
const NONE = "";

/** A pod that a report expects. */
interface ExpectedPod {
  /** Its node, then those with the same score; empty text without one. */
  readonly nodes: readonly string[];
  /** The regions of these nodes, without duplicates. */
  readonly regions: readonly string[];
}

/** A pod that is expected, a pod that was found, or both. */
export interface Pair {
  readonly expected?: PodPlace;
  readonly found?: PodPlace;
  readonly pod?: ObservedPod;
  readonly agrees: "node" | "tie" | "region" | "no";
}

function expectPods(
  { nodes, ties = [], pending = 0 }: ExpectedWorkload,
  places: ExpectedCluster["nodes"],
): ExpectedPod[] {
  const sets = [...nodes.map((node) => [node]), ...ties.map(parsePositions)].map((positions) => ({
    nodes: positions.map((position) => places[position]!.node),
    regions: [...new Set(positions.map((position) => places[position]!.region))],
  }));
  return [...sets, ...Array.from({ length: pending }, () => ({ nodes: [NONE], regions: [NONE] }))];
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const countSeats = <T>(groups: ReadonlyMap<string, readonly T[]>): Map<string, number> =>
  new Map([...groups].map(([place, items]) => [place, items.length]));

const placeOf = (node: string | undefined, region: string | undefined): PodPlace =>
  node ? { node, region: region ?? "" } : {};

/**
 * Pairs the pods of a workload that a report expects with those that run. They are interchangeable, so the pairing is the one
 * with the most agreement: first of regions, then of nodes.
 */
export function pairPods(
  workload: ExpectedWorkload,
  places: ExpectedCluster["nodes"],
  pods: readonly ObservedPod[],
  { nodes: regionsOf }: ObservedCluster,
): Pair[] {
  const expected = expectPods(workload, places);
  const regionOf = ({ node = NONE }: ObservedPod): string => regionsOf.get(node) ?? NONE;
  const byRegion = groupBy(pods, regionOf);
  const byNode = groupBy(pods, ({ node = NONE }) => node);
  // Pods that agree in their node keep a region in which they agree.
  const onNode = assign(
    expected.map(({ nodes }) => nodes),
    countSeats(byNode),
  );
  const start = onNode.map((node) => (node === undefined ? undefined : (regionsOf.get(node) ?? NONE)));
  const inRegion = assign(
    expected.map(({ regions }) => regions),
    countSeats(byRegion),
    start,
  );

  const pairs: Pair[] = [];
  const describe = ({ nodes: [node] }: ExpectedPod): PodPlace =>
    placeOf(node, places.find((place) => place.node === node)?.region);
  const left: ExpectedPod[] = expected.filter((_, index) => inRegion[index] === undefined);
  const extra: ObservedPod[] = [];
  const pair = (one: ExpectedPod, pod: ObservedPod, agrees: Pair["agrees"]): number =>
    pairs.push({ expected: describe(one), found: placeOf(pod.node, regionOf(pod)), pod, agrees });
  for (const [region, found] of byRegion) {
    const here = expected.filter((_, index) => inRegion[index] === region);
    const free = groupBy(found, ({ node = NONE }) => node);
    const chosen = assign(
      here.map(({ nodes }) => nodes),
      countSeats(free),
    );
    const take = (node: string): ObservedPod => free.get(node)!.pop()!;
    here.forEach((one, index) => {
      const node = chosen[index];
      if (node !== undefined) pair(one, take(node), node === one.nodes[0] ? "node" : "tie");
    });
    const others = [...free.values()].flat();
    here.filter((_, index) => chosen[index] === undefined).forEach((one) => pair(one, others.pop()!, "region"));
    extra.push(...others);
  }
  for (const one of left) {
    const pod = extra.pop();
    if (pod) pair(one, pod, "no");
    else pairs.push({ expected: describe(one), agrees: "no" });
  }
  return [...pairs, ...extra.map((pod): Pair => ({ found: placeOf(pod.node, regionOf(pod)), pod, agrees: "no" }))];
}
