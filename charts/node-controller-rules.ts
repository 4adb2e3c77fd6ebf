import type { k8s } from "cdk8s-plus-27";

/**
 * What the node controller may do in the whole cluster: change nodes, but neither create nor delete one; say how its
 * pools fare, but not change what they state.
 */
export const nodeControllerRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "patch", "update"] },
  { apiGroups: ["skerry.dev"], resources: ["nodepools"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["skerry.dev"], resources: ["nodepools/status"], verbs: ["get", "patch", "update"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] },
];
