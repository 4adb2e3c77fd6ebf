import type { k8s } from "cdk8s-plus-27";

/**
 * What the node controller may do in the whole cluster: change nodes, but neither create nor delete one; and write the
 * status of pools. It patches pools themselves for their finalizer alone.
 */
export const nodeControllerRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: ["skerry.dev"], resources: ["fleetnodepools"], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: ["skerry.dev"], resources: ["fleetnodepools/status"], verbs: ["patch"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
];
