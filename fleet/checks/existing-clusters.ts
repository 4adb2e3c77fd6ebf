import { defaults } from "../defaults";
import type { NodeSelection } from "../model";
import { nodeLabels } from "../nodes";
import { describeUnknown, formatPath, formatValue, type Problem } from "../problem";
import { type ClusterPart, type DeepPartial, type FleetParts, isExisting, type Part } from "./fleet-parts";
import type { NodePoolSpec } from "../model";
import { isUnreadable } from "./possible-pools";

/** Checks a cluster that Skerry creates: it must not have fields of existing clusters. */
function checkCreated({ path, value, nodePools }: ClusterPart): Problem[] {
  const { systemPool, existingNamespaces = [] } = value;
  const rule = "must not be set for a cluster that Skerry creates: set kubeconfig if the cluster exists";
  const refuse = (at: readonly PropertyKey[], key: string, isSet: boolean): Problem[] =>
    isSet ? [{ path: formatPath([...at, key]), message: rule }] : [];
  return [
    ...refuse(path, "systemPool", systemPool !== undefined),
    ...refuse(path, "existingNamespaces", existingNamespaces.length > 0),
    ...nodePools.flatMap((pool) => refuse(pool.path, "nodes", "nodes" in pool.value)),
  ];
}

function checkSystemPool({ path, value: { systemPool }, nodePools, allPools }: ClusterPart): Problem[] {
  const names = nodePools.flatMap(({ value: { name } }) => name ?? []);
  if (systemPool === undefined || names.includes(systemPool) || !allPools || names.length < nodePools.length) return [];
  return [{ path: formatPath([...path, "systemPool"]), message: describeUnknown("node pool", systemPool, names) }];
}

/** Checks the selection of a pool by itself. */
function checkSelection({ path, value: pool }: Part<NodePoolSpec>): Problem[] {
  const { nodes, count, generation } = pool;
  if (nodes === undefined) {
    const message = "missing required field: the cluster exists, so state which of its nodes belong to the pool";
    return isUnreadable(pool, "nodes") ? [] : [{ path: formatPath([...path, "nodes"]), message }];
  }
  const { names, label } = nodes;
  const problems: Problem[] = [];
  if (generation !== undefined && generation !== defaults.pool.generation) {
    const message = `must be ${defaults.pool.generation}, got ${generation}: Skerry does not create the machines of a cluster that exists`;
    problems.push({ path: formatPath([...path, "generation"]), message });
  }
  if (names !== undefined && count !== undefined && names.length !== count) {
    const message = `must be ${names.length}, the number of names in nodes.names, got ${count}`;
    problems.push({ path: formatPath([...path, "count"]), message });
  }
  if (label?.key !== undefined && label.value !== undefined) {
    const implied = impliedLabels(pool)[label.key];
    if (implied !== undefined && implied !== label.value) {
      const rule = `must not be ${formatValue(label.value)} for ${label.key}: the pool sets this label to ${formatValue(implied)}`;
      problems.push({ path: formatPath([...path, "nodes", "label", "value"]), message: `${rule} on its nodes` });
    }
  }
  return problems;
}

/** Returns the labels of a pool that could be read. */
function impliedLabels(pool: DeepPartial<NodePoolSpec>): Readonly<Record<string, string | undefined>> {
  if (pool.role === undefined || pool.capacity?.disk === undefined) return { ...pool.labels };
  return nodeLabels(pool as NodePoolSpec);
}

/** Returns what a selection names: each node, or the label. */
const selected = ({
  names = [],
  label,
}: DeepPartial<NodeSelection>): { key: string; what: string; at: PropertyKey[] }[] => [
  ...names.flatMap((name, index) =>
    name === undefined ? [] : [{ key: `node ${name}`, what: `node ${name}`, at: ["names", index] }],
  ),
  ...(label?.key === undefined || label.value === undefined
    ? []
    : [{ key: `label ${label.key}=${label.value}`, what: `label ${label.key}=${label.value}`, at: ["label"] }]),
];

/** Checks that no two selections of a cluster name the same node or label. */
function checkOverlaps({ nodePools }: ClusterPart): Problem[] {
  const first = new Map<string, string>();
  return nodePools.flatMap(({ path, value: { nodes } }) =>
    selected(nodes ?? {}).flatMap(({ key, what, at }) => {
      const here = formatPath([...path, "nodes", ...at]);
      const earlier = first.get(key);
      first.set(key, earlier ?? here);
      const message = `duplicate ${what}, already at ${earlier}: a node belongs to one pool`;
      return earlier === undefined ? [] : [{ path: here, message }];
    }),
  );
}

/** Checks which nodes the pools of existing clusters select, and that no other cluster has such fields. */
export function checkExistingClusters({ clusters }: FleetParts): Problem[] {
  return clusters.flatMap((cluster) =>
    isExisting(cluster)
      ? [...checkSystemPool(cluster), ...cluster.nodePools.flatMap(checkSelection), ...checkOverlaps(cluster)]
      : checkCreated(cluster),
  );
}
