import type { V1PodSpec } from "@kubernetes/client-node";

import { type IsUndetermined, type LabeledNode, matchesNodeAffinity } from "./node-affinity";
import { findRepellingTaints, type Taint } from "./tolerations";

/** What decides whether the scheduler may place a pod on a node, apart from its resources and other pods. */
export interface NodeFacts extends LabeledNode {
  readonly taints: readonly Taint[];
  /** Whether the node is cordoned. @default false */
  readonly unschedulable?: boolean;
}

/** Pods that tolerate this taint are placed on cordoned nodes. */
const UNSCHEDULABLE: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/**
 * Reports whether the scheduler may place a pod on a node: the node matches the pod's node selector and affinity, and the
 * pod tolerates its taints. Resources are compared by `fitsCapacity`.
 *
 * @param isUndetermined labels whose conditions count as met. Defaults to none.
 */
export function fitsNode(pod: V1PodSpec, node: NodeFacts, isUndetermined?: IsUndetermined): boolean {
  const taints = node.unschedulable ? [...node.taints, UNSCHEDULABLE] : node.taints;
  return matchesNodeAffinity(pod, node, isUndetermined) && findRepellingTaints(taints, pod.tolerations).length === 0;
}
