import type { Taint, Workload, WorkloadPlacement } from "../model";
import { cpuCores, memoryMiB } from "../kubernetes/quantity";
import { formatTaint } from "../kubernetes/tolerations";
import { findTaintsAgainst, regionsOf } from "../placement-targets";
import { formatPath, type Problem, formatValue } from "../problem";
import {
  among,
  every,
  type Holds,
  isUnreadable,
  isWhole,
  type PossiblePool,
  possiblePools,
  standsIn,
} from "./possible-pools";
import type { Known, Readable } from "./readable";

type Path = readonly PropertyKey[];

/** What is known of how a workload demands nodes. */
type Demanding = Known<Workload> & { readonly placement: Known<WorkloadPlacement> };

/** Whether a workload's placement means a pool's nodes, regions, clusters and taints aside. */
function means({ pool }: PossiblePool, { placement }: Demanding): Holds {
  if (placement.kind !== "every-node") return "yes";
  const asked = (key: "edgeNodeType" | "device"): Holds => {
    if (!(key in placement)) return "yes";
    const has: Holds = isUnreadable(pool, key) ? "maybe" : pool[key] === undefined ? "no" : "yes";
    return has === "yes" ? among(pool[key], [placement[key]]) : has;
  };
  return every(asked("edgeNodeType"), asked("device"));
}

/** The taint by which a pool keeps a workload's pods off its nodes for certain. */
function repellingTaint({ pool }: PossiblePool, { placement, tolerations }: Demanding): Taint | undefined {
  if (tolerations === undefined) return undefined;
  return pool.taints?.filter(isWhole).find((taint) => {
    // What could not be read of a toleration may be what the taint asks for.
    const generous = tolerations.map((each) => ({
      key: each?.key ?? taint.key,
      value: each?.value ?? taint.value,
      effect: each?.effect ?? taint.effect,
    }));
    const stated = { placement: placement as WorkloadPlacement, tolerations: generous };
    return findTaintsAgainst(stated, [taint]).length > 0;
  });
}

/** Whether a pool takes a workload's pods for certain, if it is meant. */
const isOpen = (pool: PossiblePool, workload: Demanding): boolean =>
  !!workload.tolerations?.every(isWhole) && !!pool.pool.taints?.every(isWhole) && !repellingTaint(pool, workload);

/** A set of pools of which one has to take the pods, and where the workload asks for them. */
interface Demand {
  readonly path: Path;
  /** Pools that may be meant. */
  readonly pools: readonly { readonly pool: PossiblePool; readonly meant: Holds }[];
  readonly nowhere: string;
  readonly where: string;
  /** Absent where any will do. */
  readonly region?: string;
}

function demands(path: Path, workload: Demanding, pools: readonly PossiblePool[], known: KnownNames): Demand[] {
  const { placement, clusters } = workload;
  // A name that nothing has is reported as that; it may mean any cluster.
  const named = clusters?.map((name) => (name !== undefined && known.clusters.includes(name) ? name : undefined));
  const matching = (fits: (pool: PossiblePool) => Holds) =>
    pools
      .map((pool) => ({
        pool,
        meant: every(means(pool, workload), named ? among(pool.cluster, named) : "yes", fits(pool)),
      }))
      .filter(({ meant }) => meant !== "no");
  const regions = regionsOf(workload as Pick<Workload, "placement">) as readonly (string | undefined)[] | undefined;
  if (regions) {
    const at = (index: number) => (placement.kind === "region" ? ["region"] : ["regions", index]);
    const within = clusters ? ` of ${clusters.map((name) => name ?? "?").join(", ")}` : "";
    return regions.flatMap((region, index) =>
      region === undefined || !known.regions.includes(region)
        ? []
        : [
            {
              path: [...path, "placement", ...at(index)],
              // A required region is an edge region: only edge workers have the label that is compared.
              pools: matching((pool) => standsIn(pool, region, "edge-worker")),
              nowhere: `got ${formatValue(region)}, where no edge node${within} stands: add a node pool there, or choose another region`,
              where: `got ${formatValue(region)}, where`,
              region,
            },
          ],
    );
  }
  const nowhere = (of: string): string => `no node${of} matches: it would run nowhere`;
  if (clusters === undefined) {
    if (isUnreadable(workload, "clusters")) return [];
    return [
      { path: [...path, "placement"], pools: matching(() => "yes"), nowhere: nowhere(""), where: "of the fleet" },
    ];
  }
  return clusters.flatMap((cluster, index) =>
    cluster === undefined || !known.clusters.includes(cluster)
      ? []
      : [
          {
            path: [...path, "clusters", index],
            pools: matching((pool) => among(pool.cluster, [cluster])),
            nowhere: nowhere(` of ${cluster}`),
            where: `of ${cluster}`,
          },
        ],
  );
}

interface KnownNames {
  readonly regions: readonly string[];
  readonly clusters: readonly string[];
}

function resourceProblems(
  path: readonly PropertyKey[],
  { resources }: Known<Workload>,
  open: readonly PossiblePool[],
  where: string,
) {
  const largest = (fact: "cpuCores" | "memoryMiB"): number =>
    Math.max(...open.map(({ pool }) => pool.capacity?.[fact] ?? Infinity));
  const compare = (key: "cpu" | "memory", asked: number | undefined, most: number, unit: string): Problem[] =>
    asked === undefined || asked <= most
      ? []
      : [
          {
            path: formatPath([...path, "resources", key]),
            message: `got ${formatValue(resources?.[key])}, but the largest node that it may use ${where} has ${most} ${unit}`,
          },
        ];
  const { cpu, memory } = resources ?? {};
  return [
    ...compare("cpu", cpu === undefined ? undefined : cpuCores(cpu), largest("cpuCores"), "cores"),
    ...compare("memory", memory === undefined ? undefined : memoryMiB(memory), largest("memoryMiB"), "MiB"),
  ];
}

/** A pod of `every-node` that does not fit a pool's nodes would wait on each of them for ever. */
function everyNodeProblems(path: Path, workload: Demanding, { pools }: Demand): Problem[] {
  return pools.flatMap(({ pool, meant }) =>
    meant === "yes" ? resourceProblems(path, workload, [pool], `in pool ${pool.pool.name}`) : [],
  );
}

function demandProblems(path: Path, workload: Demanding, demand: Demand, allPools: boolean): Problem[] {
  const at = formatPath(demand.path);
  if (workload.placement.kind === "every-node" && demand.pools.length > 0) {
    return everyNodeProblems(path, workload, demand);
  }
  // Of pools that could not be read, one may take the pods.
  if (demand.pools.length === 0) return allPools ? [{ path: at, message: demand.nowhere }] : [];
  const { region } = demand;
  const open = demand.pools.filter(({ pool }) => !repellingTaint(pool, workload));
  if (open.length > 0) {
    // Each cluster that has an open pool gets pods of its own.
    const takers = open.filter(({ pool, meant }) => meant === "yes" && isOpen(pool, workload));
    return [...new Set(takers.map(({ pool }) => pool.cluster))].flatMap((cluster) => {
      const inside = open.flatMap(({ pool }) => (pool.cluster === cluster ? pool : []));
      const readable = inside.every((pool) => pool.allPools) && (region ?? cluster) !== undefined;
      return readable ? resourceProblems(path, workload, inside, region ? `in ${region}` : `of ${cluster}`) : [];
    });
  }
  const closed = demand.pools.find(({ meant }) => meant === "yes")?.pool;
  if (!closed || !allPools) return [];
  const taint = formatTaint(repellingTaint(closed, workload)!);
  const node = region ? `${demand.where} every edge node` : `every node ${demand.where}`;
  const message = `${node} has a taint that it does not tolerate: tolerate ${taint} (pool ${closed.pool.name}), or add a pool without`;
  return [{ path: at, message }];
}

/** Workloads have somewhere to run, and what they ask for exists. */
export function checkWorkloads(fleet: Readable): Problem[] {
  const pools = possiblePools(fleet);
  const known = { regions: fleet.regionNames.known, clusters: fleet.clusterNames.known };
  return fleet.workloads.flatMap(({ path, value }) => {
    const { placement } = value;
    if (placement?.kind === undefined) return [];
    const workload = { ...value, placement };
    return demands(path, workload, pools, known).flatMap((demand) =>
      demandProblems(path, workload, demand, fleet.allPools),
    );
  });
}
