import { devices } from "../devices";
import { ownedTaint } from "../kubernetes/owned-keys";
import { labels } from "../labels";
import type { Capacity, NodePoolSpec, Taint } from "../model";
import { nodeLabels } from "../nodes";
import { formatPath } from "../problem";
import { type Difference, error, nodesHave, warning } from "./difference";
import { selects } from "./node-selection";
import type { ObservedNode } from "./observed-cluster";

/**
 * The least share of a pool's memory that a node must report. The kernel and the firmware keep the rest: 2 to 7 % on cloud
 * instances and single-board computers.
 */
const LEAST_MEMORY = 0.85;
/** The largest share of a pool's memory that a node may report without a warning. */
const MOST_MEMORY = 1.02;

/** Groups nodes by a value and reports each group once. */
function reportByValue(
  nodes: readonly ObservedNode[],
  valueOf: (node: ObservedNode) => string | undefined,
  report: (value: string, names: readonly string[]) => Difference | undefined,
): Difference[] {
  const groups = new Map<string, string[]>();
  for (const node of nodes) {
    const value = valueOf(node);
    if (value !== undefined) groups.set(value, [...(groups.get(value) ?? []), node.name]);
  }
  return [...groups].flatMap(([value, names]) => report(value, names) ?? []);
}

type Report = (
  nodes: readonly ObservedNode[],
  pool: NodePoolSpec,
  at: (...steps: PropertyKey[]) => string,
) => Difference[];

/** Reports whether a node has enough of what a pool states. Less is an error, because pods that are placed would not fit. */
export function fitsCapacity(node: Pick<ObservedNode, "cpuCores" | "memoryMiB">, stated: Capacity): boolean {
  const memory = node.memoryMiB / stated.memoryMiB;
  return node.cpuCores === stated.cpuCores && memory >= LEAST_MEMORY && memory <= MOST_MEMORY;
}

const checkCapacity: Report = (nodes, { capacity, device }, at) => [
  ...reportByValue(
    nodes,
    ({ cpuCores }) => (cpuCores === capacity.cpuCores ? undefined : String(cpuCores)),
    (cores, names) => {
      const message = `got ${capacity.cpuCores}, but ${nodesHave(names)} ${cores} cores`;
      return (Number(cores) < capacity.cpuCores ? error : warning)(at("capacity", "cpuCores"), message);
    },
  ),
  ...reportByValue(
    nodes,
    ({ memoryMiB }) => {
      const share = memoryMiB / capacity.memoryMiB;
      return share < LEAST_MEMORY || share > MOST_MEMORY ? String(memoryMiB) : undefined;
    },
    (memory, names) => {
      const message = `got ${capacity.memoryMiB}, but ${nodesHave(names)} ${memory} MiB`;
      return (Number(memory) < capacity.memoryMiB ? error : warning)(at("capacity", "memoryMiB"), message);
    },
  ),
  ...reportByValue(
    nodes,
    ({ architecture }) => architecture,
    (architecture, names) => {
      const expected = devices[device]?.architecture;
      if (expected === undefined || expected === architecture) return undefined;
      return warning(
        at("device"),
        `${device} has the architecture ${expected}, but ${nodesHave(names)} ${architecture}`,
      );
    },
  ),
];

/** Volumes and cloud providers depend on the labels of region and zone, so Skerry does not replace them. */
const checkTopology: Report = (nodes, pool, at) =>
  (["region", "zone"] as const).flatMap((field) => {
    const key = field === "region" ? labels.topologyRegion : labels.topologyZone;
    return reportByValue(
      nodes,
      ({ labels: own }) => own[key],
      (value, names) =>
        value === pool[field]
          ? undefined
          : error(at(field), `got "${pool[field]}", but ${nodesHave(names)} the label ${key}=${value}`),
    );
  });

/** Labels that a pool replaces or removes. The node controller restores them when the node leaves the pool. */
const checkLabels: Report = (nodes, pool, at) => {
  const stated = nodeLabels(pool);
  const topology: readonly string[] = [labels.topologyRegion, labels.topologyZone];
  const ours = Object.values(labels).filter((key) => key !== labels.requiredRegion && key !== pool.nodes?.label?.key);
  const keys = [...new Set([...Object.keys(stated), ...ours])].filter((key) => !topology.includes(key));
  return keys.flatMap((key) =>
    reportByValue(
      nodes,
      ({ labels: own }) => own[key],
      (value, names) => {
        if (value === stated[key]) return undefined;
        const change = stated[key] === undefined ? "removes it" : `sets it to "${stated[key]}"`;
        return warning(
          at("labels", key),
          `${nodesHave(names)} the label ${key}=${value}: the pool ${change}, until they leave the pool`,
        );
      },
    ),
  );
};

const formatTaint = ({ key, value, effect }: Taint): string => `${key}${value && `=${value}`}:${effect}`;

const checkTaints: Report = (nodes, pool, at) => {
  const sameKey = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const own = nodes.flatMap((node) => node.taints.map((taint) => ({ node: node.name, taint })));
  const namesByTaint = new Map<string, { readonly taint: Taint; readonly names: string[] }>();
  for (const { node, taint } of own) {
    const entry = namesByTaint.get(formatTaint(taint)) ?? { taint, names: [] };
    namesByTaint.set(formatTaint(taint), { taint, names: [...entry.names, node] });
  }
  return [
    ...[...namesByTaint.values()].flatMap(({ taint, names }) => {
      const stated = pool.taints.find((each) => sameKey(each, taint));
      // Taints of Kubernetes come and go, such as that of a cordoned node.
      if (stated?.value === taint.value || (!stated && ownedTaint(taint.key) !== undefined)) return [];
      const found = `${nodesHave(names)} the taint ${formatTaint(taint)}`;
      return stated
        ? [warning(at("taints"), `${found}: the pool changes its value to "${stated.value}"`)]
        : [error(at("taints"), `${found}, which the pool does not state: add it, or remove it from the nodes`)];
    }),
    ...pool.taints.flatMap((taint, index) => {
      const names = nodes.filter((node) => !node.taints.some((each) => sameKey(each, taint))).map(({ name }) => name);
      const evicts = taint.effect === "NoExecute" ? " and evicts pods that do not tolerate it" : "";
      const message = `the pool adds ${formatTaint(taint)} to ${names.length} of its nodes${evicts}`;
      return names.length > 0 ? [warning(at("taints", index), message)] : [];
    }),
  ];
};

/** Compares what a pool states about its nodes with what they are. */
export function checkNodeFacts(pools: readonly NodePoolSpec[], nodes: readonly ObservedNode[]): Difference[] {
  return pools.flatMap((pool, index) => {
    const selected = nodes.filter((node) => !node.controlPlane && selects(pool, node));
    const at = (...steps: PropertyKey[]): string => formatPath(["nodePools", index, ...steps]);
    return [checkCapacity, checkTopology, checkLabels, checkTaints].flatMap((check) => check(selected, pool, at));
  });
}
