import { labels } from "../labels";
import type { NodePoolSpec } from "../model";
import { nodeLabels } from "../nodes";
import type { KubeObject } from "./object";

/**
 * A node pool as the object that the node controller keeps true. Nodes are found by the pool they say they were born into,
 * so that those of a scaling group, whose names nobody knows beforehand, are found too.
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
