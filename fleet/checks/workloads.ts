import type { Taint, Workload, WorkloadPlacement } from "../model";
import { cpuCores, memoryMiB } from "../kubernetes/quantity";
import { formatTaint } from "../kubernetes/tolerations";
import { findTaintsAgainst, regionsOf } from "../placement-targets";
import { formatPath, formatValue, type Problem } from "../problem";
import type { DeepPartial, FleetParts } from "./fleet-parts";
import {
  allOf,
  type Certainty,
  findPossiblePools,
  isComplete,
  isInRegion,
  isOneOf,
  isUnreadable,
  type PossiblePool,
} from "./possible-pools";

type Path = readonly PropertyKey[];

/** A workload whose placement has a readable kind. */
type PlacedWorkload = DeepPartial<Workload> & { readonly placement: DeepPartial<WorkloadPlacement> };

/** Reports whether a pool matches the device and type of an `every-node` placement. */
function matchesDevice({ pool }: PossiblePool, { placement }: PlacedWorkload): Certainty {
  if (placement.kind !== "every-node") return "yes";
  const matches = (key: "edgeNodeType" | "device"): Certainty => {
    if (!(key in placement)) return "yes";
    if (isUnreadable(pool, key)) return "maybe";
    return pool[key] === undefined ? "no" : isOneOf(pool[key], [placement[key]]);
  };
  return allOf(matches("edgeNodeType"), matches("device"));
}

/** Returns a taint that is certain to repel the workload's pods from a pool. */
function findRepellingTaint({ pool }: PossiblePool, { placement, tolerations }: PlacedWorkload): Taint | undefined {
  if (tolerations === undefined) return undefined;
  return pool.taints?.filter(isComplete).find((taint) => {
    // A field of a toleration that could not be read may match the taint.
    const widest = tolerations.map((toleration) => ({
      key: toleration?.key ?? taint.key,
      value: toleration?.value ?? taint.value,
      effect: toleration?.effect ?? taint.effect,
    }));
    const workload = { placement: placement as WorkloadPlacement, tolerations: widest };
    return findTaintsAgainst(workload, [taint]).length > 0;
  });
}

/** Reports whether the taints of a pool are certain not to repel the workload's pods. */
const isTolerated = (pool: PossiblePool, workload: PlacedWorkload): boolean =>
  !!workload.tolerations?.every(isComplete) &&
  !!pool.pool.taints?.every(isComplete) &&
  !findRepellingTaint(pool, workload);

/** A set of pools one of which must accept the workload's pods, and the field that requires it. */
interface Target {
  readonly path: Path;
  /** Pools that match, or may match. */
  readonly pools: readonly { readonly pool: PossiblePool; readonly matches: Certainty }[];
  /** Message if no pool matches. */
  readonly noPool: string;
  /** Where the pools are, for messages: `in region sydney`. */
  readonly where: string;
  /** Absent if the pools may be in any region. */
  readonly region?: string;
}

interface ExistingNames {
  readonly regions: readonly string[];
  readonly clusters: readonly string[];
}

function findTargets(
  path: Path,
  workload: PlacedWorkload,
  pools: readonly PossiblePool[],
  existing: ExistingNames,
): Target[] {
  const { placement, clusters } = workload;
  // An unknown name is reported as such; it may mean any cluster.
  const knownClusters = clusters?.map((name) =>
    name !== undefined && existing.clusters.includes(name) ? name : undefined,
  );
  const match = (condition: (pool: PossiblePool) => Certainty) =>
    pools
      .map((pool) => ({
        pool,
        matches: allOf(
          matchesDevice(pool, workload),
          knownClusters ? isOneOf(pool.cluster, knownClusters) : "yes",
          condition(pool),
        ),
      }))
      .filter(({ matches }) => matches !== "no");
  const regions = regionsOf(workload as Pick<Workload, "placement">) as readonly (string | undefined)[] | undefined;
  if (regions) {
    const steps = (index: number) => (placement.kind === "region" ? ["region"] : ["regions", index]);
    const owner = clusters ? ` of ${clusters.map((name) => name ?? "?").join(", ")}` : "";
    return regions.flatMap((region, index) =>
      region === undefined || !existing.regions.includes(region)
        ? []
        : [
            {
              path: [...path, "placement", ...steps(index)],
              // A required region is an edge region: only edge workers have the label that is compared.
              pools: match((pool) => isInRegion(pool, region, "edge-worker")),
              noPool: `must be a region with an edge node${owner}, got ${formatValue(region)}: add a node pool there, or choose another region`,
              where: `in region ${region}`,
              region,
            },
          ],
    );
  }
  if (clusters === undefined) {
    if (isUnreadable(workload, "clusters")) return [];
    const where = "of the fleet";
    const noPool = "must match at least one node of the fleet";
    return [{ path: [...path, "placement"], pools: match(() => "yes"), noPool, where }];
  }
  return clusters.flatMap((cluster, index) =>
    cluster === undefined || !existing.clusters.includes(cluster)
      ? []
      : [
          {
            path: [...path, "clusters", index],
            pools: match((pool) => isOneOf(pool.cluster, [cluster])),
            noPool: `must be a cluster with a node that the placement matches, got ${formatValue(cluster)}`,
            where: `of cluster ${cluster}`,
          },
        ],
  );
}

/** Checks that the requests fit at least one of the pools. */
function checkRequests(
  path: Path,
  { resources }: DeepPartial<Workload>,
  pools: readonly PossiblePool[],
  where: string,
): Problem[] {
  const largest = (field: "cpuCores" | "memoryMiB"): number =>
    Math.max(...pools.map(({ pool }) => pool.capacity?.[field] ?? Infinity));
  const compare = (key: "cpu" | "memory", request: number | undefined, max: number, unit: string): Problem[] => {
    if (request === undefined || request <= max) return [];
    const rule = `must be at most ${max} ${unit}, the largest node ${where} that the workload may use`;
    const message = `${rule}, got ${formatValue(resources?.[key])}`;
    return [{ path: formatPath([...path, "resources", key]), message }];
  };
  const { cpu, memory } = resources ?? {};
  return [
    ...compare("cpu", cpu === undefined ? undefined : cpuCores(cpu), largest("cpuCores"), "cores"),
    ...compare("memory", memory === undefined ? undefined : memoryMiB(memory), largest("memoryMiB"), "MiB"),
  ];
}

/** Checks every pool of an `every-node` placement: a pod that does not fit would stay pending on each of its nodes. */
function checkEveryNode(path: Path, workload: PlacedWorkload, { pools }: Target): Problem[] {
  return pools.flatMap(({ pool, matches }) =>
    matches === "yes" ? checkRequests(path, workload, [pool], `of pool ${pool.pool.name}`) : [],
  );
}

function checkTarget(path: Path, workload: PlacedWorkload, target: Target, allPools: boolean): Problem[] {
  const at = formatPath(target.path);
  if (workload.placement.kind === "every-node" && target.pools.length > 0) {
    return checkEveryNode(path, workload, target);
  }
  // A pool that could not be read may accept the pods.
  if (target.pools.length === 0) return allPools ? [{ path: at, message: target.noPool }] : [];
  const { region } = target;
  const open = target.pools.filter(({ pool }) => !findRepellingTaint(pool, workload));
  if (open.length > 0) {
    // Each cluster with a pool that accepts the pods runs replicas of its own.
    const accepting = open.filter(({ pool, matches }) => matches === "yes" && isTolerated(pool, workload));
    return [...new Set(accepting.map(({ pool }) => pool.cluster))].flatMap((cluster) => {
      const candidates = open.flatMap(({ pool }) => (pool.cluster === cluster ? pool : []));
      const readable = candidates.every((pool) => pool.allPools) && (region ?? cluster) !== undefined;
      const where = region ? `in region ${region}` : `of cluster ${cluster}`;
      return readable ? checkRequests(path, workload, candidates, where) : [];
    });
  }
  const closed = target.pools.find(({ matches }) => matches === "yes")?.pool;
  if (!closed || !allPools) return [];
  const taint = formatTaint(findRepellingTaint(closed, workload)!);
  const node = region ? "edge node" : "node";
  const message = `every ${node} ${target.where} has a taint that the workload does not tolerate: tolerate ${taint} (pool ${closed.pool.name}), or add a pool without it`;
  return [{ path: at, message }];
}

/** Checks that every workload has nodes to run on, and that its requests fit them. */
export function checkWorkloads(fleet: FleetParts): Problem[] {
  const pools = findPossiblePools(fleet);
  const existing = { regions: fleet.regionNames.names, clusters: fleet.clusterNames.names };
  return fleet.workloads.flatMap(({ path, value }) => {
    const { placement } = value;
    if (placement?.kind === undefined) return [];
    const workload = { ...value, placement };
    return findTargets(path, workload, pools, existing).flatMap((target) =>
      checkTarget(path, workload, target, fleet.allPools),
    );
  });
}
