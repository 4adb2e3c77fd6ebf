import type { NodePool, Workload } from "../model";
import { pathText, type Problem, shown } from "../problem";
import { cpuCores, memoryMiB } from "../quantities";
import type { Readable } from "./readable";

/** A tag that is not `latest`, or a digest: what runs tomorrow is what runs today. */
function pinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  const tag = /:([\w][\w.-]{0,127})$/.exec(image)?.[1];
  return tag !== undefined && tag !== "latest";
}

interface Stated {
  readonly cluster: string;
  readonly pool: NodePool;
}

/** Nodes that a placement may use, as far as the fleet tells. */
function candidates({ placement, clusters }: Workload, pools: readonly Stated[]): NodePool[] {
  return pools
    .filter(({ cluster }) => clusters?.includes(cluster) ?? true)
    .map(({ pool }) => pool)
    .filter((pool) => {
      if (placement.kind === "region") return pool.region === placement.region;
      if (placement.kind === "each-region") return placement.regions.includes(pool.region);
      if (placement.kind === "anywhere") return true;
      const typed = placement.edgeNodeType === undefined || placement.edgeNodeType === pool.edgeNodeType;
      return typed && (placement.device === undefined || placement.device === pool.device);
    });
}

function placementProblems(path: readonly PropertyKey[], workload: Workload, pools: readonly Stated[]): Problem[] {
  const { placement } = workload;
  const here = candidates(workload, pools).filter(
    ({ role }) => role === "edge-worker" || placement.kind === "anywhere" || placement.kind === "every-node",
  );
  const demanded =
    placement.kind === "region"
      ? [{ region: placement.region, at: [...path, "placement", "region"] }]
      : placement.kind === "each-region"
        ? placement.regions.map((region, index) => ({ region, at: [...path, "placement", "regions", index] }))
        : [];
  const within = workload.clusters ? ` of ${workload.clusters.join(", ")}` : "";
  const empty = demanded
    .filter(({ region }) => !here.some((pool) => pool.region === region))
    .map(({ region, at }) => ({
      path: pathText(at),
      message: `got ${shown(region)}, where no edge node${within} stands: add a node pool there, or choose another region`,
    }));
  if (demanded.length === 0 && here.length === 0) {
    return [{ path: pathText([...path, "placement"]), message: `no node${within} matches: it would run nowhere` }];
  }
  return empty;
}

function resourceProblems(path: readonly PropertyKey[], workload: Workload, pools: readonly Stated[]): Problem[] {
  const cpu = cpuCores(workload.resources.cpu);
  const memory = memoryMiB(workload.resources.memory);
  const at = (key: string): string => pathText([...path, "resources", key]);
  const problems: Problem[] = [];
  if (cpu === undefined)
    problems.push({
      path: at("cpu"),
      message: `got ${shown(workload.resources.cpu)}, allowed is a quantity above 0, as 250m or 2`,
    });
  if (memory === undefined)
    problems.push({
      path: at("memory"),
      message: `got ${shown(workload.resources.memory)}, allowed is a quantity above 0, as 64Mi or 2Gi`,
    });
  const fitting = candidates(workload, pools).filter(({ capacity }) => capacity.cpuCores !== undefined);
  if (fitting.length === 0) return problems;
  const cores = Math.max(...fitting.map(({ capacity }) => capacity.cpuCores));
  const mebibytes = Math.max(...fitting.map(({ capacity }) => capacity.memoryMiB));
  if (cpu !== undefined && cpu > cores) {
    problems.push({
      path: at("cpu"),
      message: `got ${shown(workload.resources.cpu)}, but the largest node that it may use has ${cores} cores`,
    });
  }
  if (memory !== undefined && memory > mebibytes) {
    problems.push({
      path: at("memory"),
      message: `got ${shown(workload.resources.memory)}, but the largest node that it may use has ${mebibytes} MiB`,
    });
  }
  return problems;
}

/** Workloads have somewhere to run, and what they ask for exists. */
export function checkWorkloads({ clusters, workloads, regions, allPools }: Readable): Problem[] {
  const pools = clusters.flatMap(({ value, nodePools }) =>
    nodePools.map((pool) => ({ cluster: value.name, pool: pool.value })),
  );
  const known = new Set(regions.map(({ value }) => value.name));
  return workloads.flatMap(({ path, value }) => {
    const image = pinned(value.image)
      ? []
      : [
          {
            path: pathText([...path, "image"]),
            message: `got ${shown(value.image)}, allowed is an image with a tag that is not latest, or with a sha256 digest`,
          },
        ];
    const env = Object.keys(value.env)
      .filter((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
      .map((key) => ({
        path: pathText([...path, "env", key]),
        message: `name ${shown(key)}: allowed are letters, digits and _, not beginning with a digit`,
      }));
    const clustersKnown =
      value.clusters?.every((name) => clusters.some((cluster) => cluster.value.name === name)) ?? true;
    const regionsKnown =
      (value.placement.kind !== "region" || known.has(value.placement.region)) &&
      (value.placement.kind !== "each-region" || value.placement.regions.every((region) => known.has(region)));
    // What names something unknown is reported as that; that it also has no node would be said twice.
    const placed = allPools && clustersKnown && regionsKnown ? placementProblems(path, value, pools) : [];
    return [...image, ...env, ...placed, ...resourceProblems(path, value, pools)];
  });
}
