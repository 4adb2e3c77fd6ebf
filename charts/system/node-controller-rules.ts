import type { k8s } from "cdk8s-plus-27";

/**
 * Cluster-wide permissions of the node controller. It updates nodes, but does not create or delete them, and writes the
 * status of node pools. It patches node pools only to set their finalizer.
 */
export const nodeControllerRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: ["skerry.dev"], resources: ["fleetnodepools"], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: ["skerry.dev"], resources: ["fleetnodepools/status"], verbs: ["patch"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
];

/** What the node controller also needs where it maintains measured links, in addition to its permissions for ConfigMaps. */
export const readNodeProfiles: k8s.PolicyRule = {
  apiGroups: ["skerry.dev"],
  resources: ["nodeprofiles"],
  verbs: ["list"],
};
