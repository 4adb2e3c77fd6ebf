import type { Change, Displacement, PreviewReport, RegionLocation } from "../../report";

/** What a map shows. */
export interface MapView {
  /** Pixels. */
  readonly width: number;
  /** From 0, before the change, to 1, after it. */
  readonly position: number;
  /** Shows one cluster only. */
  readonly cluster?: string;
  /** Shows every link of one region. */
  readonly region?: string;
  /** Shows the pods that a drill displaces. Index in {@link PreviewReport.drills}. */
  readonly drill?: number;
}

/** A region on a map. */
export interface MapRegion extends RegionLocation {
  readonly pods: Change<number>;
  readonly clusters: readonly string[];
}

/** Pods that go from one region to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly pods: number;
}

const inCluster = (cluster: string | undefined, name: string): boolean => cluster === undefined || cluster === name;

/** Adds up the clusters of each region that a map shows. */
export function collectRegions({ geography, regions }: PreviewReport, cluster?: string): MapRegion[] {
  return geography.regions.flatMap((location) => {
    const parts = regions.filter((part) => part.region === location.name && inCluster(cluster, part.cluster));
    if (parts.length === 0) return [];
    const sum = (count: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((total, part) => total + count(part), 0);
    return {
      ...location,
      pods: { before: sum(({ pods }) => pods.before), after: sum(({ pods }) => pods.after) },
      clusters: parts.map((part) => part.cluster),
    };
  });
}

function addFlows(flows: readonly Flow[]): Flow[] {
  const sums = new Map<string, Flow>();
  for (const flow of flows.filter(({ from, to }) => from !== to)) {
    const key = `${flow.from}\0${flow.to}`;
    sums.set(key, { ...flow, pods: flow.pods + (sums.get(key)?.pods ?? 0) });
  }
  return [...sums.values()];
}

/** The pods that the change moves between regions. */
export const collectMoves = ({ moves }: PreviewReport, cluster?: string): Flow[] =>
  addFlows(
    moves
      .filter(({ workload }) => inCluster(cluster, workload.cluster))
      .map(({ from, to }) => ({ from: from.region, to: to.region, pods: 1 })),
  );

/** The pods that a drill displaces, in the clusters that a map shows. */
export const collectDisplaced = ({ drills }: PreviewReport, { drill, cluster }: MapView): Displacement[] =>
  drill === undefined ? [] : (drills[drill]?.displaced ?? []).filter((part) => inCluster(cluster, part.cluster));

/** The pods that a drill moves between regions. */
export const collectEvacuations = (displaced: readonly Displacement[]): Flow[] =>
  addFlows(displaced.flatMap(({ from, to, pods }) => (to === undefined ? [] : { from, to, pods })));

/** The region that a drill loses as a whole. */
export const findLostRegion = ({ drills }: PreviewReport, drill: number | undefined): string | undefined =>
  drill === undefined ? undefined : /^region=(.*)$/s.exec(drills[drill]?.drill ?? "")?.[1];

/** Counts the pods of each region at a position between the two states, after a drill where the map shows one. */
export function countPods(report: PreviewReport, regions: readonly MapRegion[], view: MapView): Map<string, number> {
  const displaced = collectDisplaced(report, view);
  const sum = (parts: readonly Displacement[]): number => parts.reduce((total, { pods }) => total + pods, 0);
  return new Map(
    regions.map(({ name, pods }) => {
      const lost = sum(displaced.filter(({ from }) => from === name));
      const gained = sum(displaced.filter(({ to }) => to === name));
      return [name, pods.before + (pods.after - pods.before) * view.position - lost + gained];
    }),
  );
}
