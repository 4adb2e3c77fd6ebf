import { labels } from "../labels";
import type { NodePoolSpec } from "../model";
import { nodeLabels } from "../nodes";
import type { KubeObject } from "./object";

/** Returns how a pool selects nodes: as it states, or by the pool that machines register with, which includes scaling groups. */
function selectorOf({ name, nodes }: NodePoolSpec): object {
  if (nodes?.names) return { names: [...nodes.names] };
  return { registrationLabel: nodes?.label ? { ...nodes.label } : { key: labels.nodePool, value: name } };
}

/**
 * Renders a node pool as the object that the node controller reconciles. Nodes that existed before the pool get back what
 * the pool replaced.
 */
export function nodePoolObject(pool: NodePoolSpec): KubeObject {
  // The pool does not set the label that selects its nodes, whose domain may be one of Kubernetes.
  const { nodes: _nodes, ...set } = pool;
  return {
    apiVersion: "skerry.dev/v1alpha1",
    kind: "FleetNodePool",
    metadata: { name: pool.name },
    spec: {
      selector: selectorOf(pool),
      labels: nodeLabels(set),
      taints: pool.taints.map(({ key, value, effect }) => ({ key, value, effect })),
      capacity: { ...pool.capacity },
      count: pool.count,
      ...(pool.nodes && { releasePolicy: "Restore" }),
    },
  };
}
