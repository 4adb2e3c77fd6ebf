import type { k8s } from "cdk8s-plus-27";

import { CONTROL_PLANE } from "../../fleet/labels";
import type { NodePoolSpec } from "../../fleet/model";

type Placement = Pick<k8s.PodSpec, "tolerations" | "affinity" | "priorityClassName">;

/** The node selector terms of the control-plane nodes. The value of their label depends on the distribution. */
const CONTROL_PLANE_NODES: k8s.NodeSelectorTerm[] = [
  { matchExpressions: [{ key: CONTROL_PLANE, operator: "Exists" }] },
];

/** Tolerations of both common taints of control-plane nodes. */
export const CONTROL_PLANE_TAINTS: k8s.Toleration[] = [
  { key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" },
  { key: "CriticalAddonsOnly", operator: "Exists" },
];

/**
 * Returns the node selector terms of a pool. They do not use the labels that the node controller sets, because the node
 * controller itself must start before any node has them.
 */
function nodesOf({ nodes, name }: NodePoolSpec): k8s.NodeSelectorTerm[] {
  if (nodes?.label) {
    return [{ matchExpressions: [{ key: nodes.label.key, operator: "In", values: [nodes.label.value] }] }];
  }
  if (!nodes?.names) throw new Error(`pool ${name}: must state its nodes to run Skerry's own programs`);
  // Terms are alternatives, and a field matches only one value.
  return nodes.names.map((node) => ({
    matchFields: [{ key: "metadata.name", operator: "In", values: [node] }],
  }));
}

/**
 * Returns pod fields that place a program of Skerry on the control-plane nodes or on a node pool of an existing cluster. It
 * tolerates their taints and prefers different nodes for its replicas.
 *
 * @param selector labels of the program's pods
 * @param pool the node pool; undefined for the control-plane nodes
 */
export function placeSystemProgram(selector: Record<string, string>, pool?: NodePoolSpec): Placement {
  return {
    priorityClassName: "system-cluster-critical",
    tolerations: pool
      ? pool.taints.map(({ key, value, effect }) => ({ key, operator: "Equal", value, effect }))
      : CONTROL_PLANE_TAINTS,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: pool ? nodesOf(pool) : CONTROL_PLANE_NODES,
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { labelSelector: { matchLabels: selector }, topologyKey: "kubernetes.io/hostname" },
          },
        ],
      },
    },
  };
}
