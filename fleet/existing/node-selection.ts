import type { NodePoolSpec } from "../model";
import { formatPath, suggestName } from "../problem";
import { type Difference, error, listNames, nodesHave, warning } from "./difference";
import type { ObservedNode } from "./observed-cluster";

/** Reports whether a pool selects a node. */
export function selects({ nodes }: NodePoolSpec, { name, labels }: Pick<ObservedNode, "name" | "labels">): boolean {
  if (nodes?.names) return nodes.names.includes(name);
  return nodes?.label !== undefined && labels[nodes.label.key] === nodes.label.value;
}

/** Compares the nodes that a pool selects with those that exist. */
function checkPool(pool: NodePoolSpec, path: readonly PropertyKey[], nodes: readonly ObservedNode[]): Difference[] {
  const at = (...steps: PropertyKey[]): string => formatPath([...path, ...steps]);
  const selected = nodes.filter((node) => selects(pool, node));
  const servers = selected.filter(({ controlPlane }) => controlPlane).map(({ name }) => name);
  const names = nodes.map(({ name }) => name);
  const { label } = pool.nodes ?? {};
  return [
    ...(pool.nodes?.names ?? []).flatMap((name, index) =>
      names.includes(name)
        ? []
        : [error(at("nodes", "names", index), `the cluster has no node "${name}"${suggestName(name, names)}`)],
    ),
    ...(servers.length > 0
      ? [error(at("nodes"), `must not select control-plane nodes, got ${listNames(servers)}: they run no workloads`)]
      : []),
    ...(label && selected.length === 0
      ? [error(at("nodes", "label"), `no node of the cluster has the label ${label.key}=${label.value}`)]
      : []),
    ...(label && selected.length > 0 && selected.length !== pool.count
      ? [warning(at("count"), `got ${pool.count}, but the label selects ${selected.length} nodes`)]
      : []),
  ];
}

/** Compares which nodes the pools of a cluster select with the nodes that it has. */
export function checkNodeSelection(pools: readonly NodePoolSpec[], nodes: readonly ObservedNode[]): Difference[] {
  const agents = nodes.filter(({ controlPlane }) => !controlPlane);
  const selectedBy = new Map(agents.map((node) => [node.name, pools.filter((pool) => selects(pool, node))]));
  const namesWith = (test: (by: readonly NodePoolSpec[]) => boolean): string[] =>
    [...selectedBy].filter(([, by]) => test(by)).map(([name]) => name);
  const unselected = namesWith((by) => by.length === 0);
  const unready = agents
    .filter(({ name, ready }) => !ready && selectedBy.get(name)!.length > 0)
    .map(({ name }) => name);
  return [
    ...pools.flatMap((pool, index) => checkPool(pool, ["nodePools", index], nodes)),
    ...pools.flatMap((pool, index) => {
      const contested = namesWith((by) => by.length > 1 && by.slice(1).includes(pool));
      const message = `${nodesHave(contested)} more than one pool: a node belongs to one pool`;
      return contested.length > 0 ? [error(formatPath(["nodePools", index, "nodes"]), message)] : [];
    }),
    ...(unselected.length > 0
      ? [warning("nodePools", `${nodesHave(unselected)} no pool: Skerry leaves them unchanged`)]
      : []),
    ...(unready.length > 0 ? [warning("nodePools", `not ready: ${listNames(unready)}`)] : []),
  ];
}
