import { labels } from "../labels";
import type { NodePoolSpec } from "../model";
import { nodeLabels } from "../nodes";
import type { KubeObject } from "./object";

/**
 * Renders a node pool as the object that the node controller reconciles. It selects nodes by the pool that they registered
 * with, and so includes those of a scaling group, whose names are not known beforehand.
 */
export function nodePoolObject(pool: NodePoolSpec): KubeObject {
  return {
    apiVersion: "skerry.dev/v1alpha1",
    kind: "FleetNodePool",
    metadata: { name: pool.name },
    spec: {
      selector: { registrationLabel: { key: labels.nodePool, value: pool.name } },
      labels: nodeLabels(pool),
      taints: pool.taints.map(({ key, value, effect }) => ({ key, value, effect })),
      capacity: { ...pool.capacity },
      count: pool.count,
    },
  };
}
