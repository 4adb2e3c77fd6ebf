import type { Capacity, Taint, Workload } from "../model";
import { taintText } from "../nodes";
import { demandedRegions, meant, type PoolFacts, repelling } from "../placement-targets";
import { pathText, type Problem, shown } from "../problem";
import { cpuCores, memoryMiB } from "../quantities";
import type { ClusterPart, Known, Part, Readable } from "./readable";

/** A pool of which all is known that placing needs. */
interface Target extends PoolFacts {
  readonly cluster: string;
  readonly name: string;
  readonly capacity: Capacity;
}

type Placing = Pick<Workload, "placement" | "tolerates" | "clusters">;

/** Pools that could be read, by cluster. */
function targets(clusters: readonly ClusterPart[]): Target[] {
  return clusters.flatMap(({ value: { name: cluster }, nodePools }) =>
    nodePools.flatMap(({ value }) => {
      const { name, region, role, device, edgeNodeType, taints, capacity } = value;
      const facts = { cluster: cluster ?? "", name, region, role, device, taints, capacity };
      if (capacity?.cpuCores === undefined || capacity.memoryMiB === undefined) return [];
      if (Object.values(facts).some((fact) => fact === undefined) || taints?.some((taint) => !readTaint(taint)))
        return [];
      return [{ ...facts, ...(edgeNodeType === undefined ? {} : { edgeNodeType }) } as Target];
    }),
  );
}

const readTaint = (taint: Known<Taint> | undefined): boolean =>
  taint?.key !== undefined && taint.value !== undefined && taint.effect !== undefined;

/** What a workload says of where it runs, when all of that could be read. */
function placing({ placement, tolerates, clusters }: Known<Workload>): Placing | undefined {
  if (placement?.kind === undefined || tolerates === undefined || !tolerates.every(readTaint)) return undefined;
  if (placement.kind === "region" && placement.region === undefined) return undefined;
  if (placement.kind === "each-region" && !placement.regions?.every((region) => region !== undefined)) return undefined;
  return { placement, tolerates, ...(clusters === undefined ? {} : { clusters }) } as Placing;
}

/** A set of pools of which one has to take the pods, and where the workload asks for them. */
interface Demand {
  readonly path: readonly PropertyKey[];
  readonly pools: readonly Target[];
  readonly nowhere: string;
  readonly where: string;
}

function demands(path: readonly PropertyKey[], workload: Placing, pools: readonly Target[]): Demand[] {
  const { placement, clusters } = workload;
  const usable = pools.filter((pool) => (clusters?.includes(pool.cluster) ?? true) && meant(pool, workload));
  const within = clusters ? ` of ${clusters.join(", ")}` : "";
  const regions = demandedRegions(workload);
  if (regions) {
    const at = (index: number) => (placement.kind === "region" ? ["region"] : ["regions", index]);
    return regions.map((region, index) => ({
      path: [...path, "placement", ...at(index)],
      pools: usable.filter((pool) => pool.region === region),
      nowhere: `got ${shown(region)}, where no edge node${within} stands: add a node pool there, or choose another region`,
      where: `got ${shown(region)}, where`,
    }));
  }
  const nowhere = (of: string): string => `no node${of} matches: it would run nowhere`;
  if (clusters === undefined) {
    return [{ path: [...path, "placement"], pools: usable, nowhere: nowhere(""), where: "of the fleet" }];
  }
  return clusters.map((cluster, index) => ({
    path: [...path, "clusters", index],
    pools: usable.filter((pool) => pool.cluster === cluster),
    nowhere: nowhere(` of ${cluster}`),
    where: `of ${cluster}`,
  }));
}

function resourceProblems(
  path: readonly PropertyKey[],
  { resources }: Known<Workload>,
  open: readonly Target[],
  where: string,
) {
  const largest = (fact: (capacity: Capacity) => number): number =>
    Math.max(...open.map((pool) => fact(pool.capacity)));
  const compare = (key: "cpu" | "memory", asked: number | undefined, most: number, unit: string): Problem[] =>
    asked === undefined || asked <= most
      ? []
      : [
          {
            path: pathText([...path, "resources", key]),
            message: `got ${shown(resources?.[key])}, but the largest node that it may use ${where} has ${most} ${unit}`,
          },
        ];
  const { cpu, memory } = resources ?? {};
  return [
    ...compare(
      "cpu",
      cpu === undefined ? undefined : cpuCores(cpu),
      largest(({ cpuCores: cores }) => cores),
      "cores",
    ),
    ...compare(
      "memory",
      memory === undefined ? undefined : memoryMiB(memory),
      largest((each) => each.memoryMiB),
      "MiB",
    ),
  ];
}

/** A pod of `every-node` that does not fit a pool's nodes would wait on each of them for ever. */
function everyNodeProblems(
  path: readonly PropertyKey[],
  workload: Known<Workload>,
  pools: readonly Target[],
): Problem[] {
  return pools.flatMap((pool) => resourceProblems(path, workload, [pool], `in pool ${pool.name}`));
}

function placementProblems({ path, value }: Part<Workload>, pools: readonly Target[], all: boolean): Problem[] {
  const workload = placing(value);
  if (!workload) return [];
  return demands(path, workload, pools).flatMap((demand) => {
    const at = pathText(demand.path);
    if (demand.pools.length === 0) return all ? [{ path: at, message: demand.nowhere }] : [];
    if (workload.placement.kind === "every-node") return everyNodeProblems(path, value, demand.pools);
    const open = demand.pools.filter((pool) => repelling(pool, workload).length === 0);
    if (!all) return [];
    if (open.length > 0) {
      // Each cluster that has an open pool gets pods of its own.
      return [...new Set(open.map(({ cluster }) => cluster))].flatMap((cluster) => {
        const inside = open.filter((pool) => pool.cluster === cluster);
        const where = demandedRegions(workload) ? `in ${inside[0]!.region}` : `of ${cluster}`;
        return resourceProblems(path, value, inside, where);
      });
    }
    const [closed] = demand.pools;
    const taint = taintText(repelling(closed!, workload)[0]!);
    const node = demandedRegions(workload) ? `${demand.where} every edge node` : `every node ${demand.where}`;
    return [
      {
        path: at,
        message: `${node} has a taint that it does not tolerate: tolerate ${taint} (pool ${closed!.name}), or add a pool without`,
      },
    ];
  });
}

/** Workloads have somewhere to run, and what they ask for exists. */
export function checkWorkloads({ clusters, workloads, regions, allPools }: Readable): Problem[] {
  const pools = targets(clusters);
  const all = allPools && pools.length === clusters.flatMap(({ nodePools }) => nodePools).length;
  const known = new Set(regions.map(({ value }) => value.name));
  const names = new Set(clusters.map(({ value }) => value.name));
  return workloads.flatMap((workload) => {
    // What names something unknown is reported as that; that it also has no node would be said twice.
    const stated = placing(workload.value);
    const regionsKnown = stated ? (demandedRegions(stated) ?? []).every((region) => known.has(region)) : true;
    const clustersKnown = workload.value.clusters?.every((name) => names.has(name)) ?? true;
    return placementProblems(workload, pools, all && regionsKnown && clustersKnown);
  });
}
