import type { k8s } from "cdk8s-plus-27";

import { UPGRADE_CONTROLLER } from "./names";

const PLAN_DEFINITION = "plans.upgrade.cattle.io";

/**
 * Cluster-wide permissions of the controller. It marks and uncordons nodes, and creates and updates the definition of its
 * own kind when it starts. It lists the jobs of all namespaces, although it creates them in its own only.
 *
 * @see https://github.com/rancher/system-upgrade-controller/blob/master/manifests/clusterrole.yaml
 */
export const controllerRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "update"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "watch"] },
  // It also reports events of nodes, which are in namespace default.
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["list", "watch", "create"] },
  {
    apiGroups: ["apiextensions.k8s.io"],
    resources: ["customresourcedefinitions"],
    resourceNames: [PLAN_DEFINITION],
    verbs: ["get", "update", "patch"],
  },
];

/** Permissions of the controller in its namespace. */
export const controllerNamespaceRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ["upgrade.cattle.io"], resources: ["plans"], verbs: ["get", "list", "watch", "update", "patch"] },
  { apiGroups: ["upgrade.cattle.io"], resources: ["plans/status"], verbs: ["get", "update", "patch"] },
  {
    apiGroups: ["batch"],
    resources: ["jobs"],
    verbs: ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  },
  { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["get", "create", "update", "patch"] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [UPGRADE_CONTROLLER],
    verbs: ["get", "update"],
  },
];

/** Cluster-wide permissions of a job: it drains its node, and reads whether the nodes before it are Ready. */
export const jobRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "delete"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  { apiGroups: ["apps"], resources: ["daemonsets", "replicasets", "statefulsets"], verbs: ["get", "list"] },
];

/** Permissions of a job in its namespace: agents wait for the plan of the servers. */
export const jobNamespaceRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ["upgrade.cattle.io"], resources: ["plans"], verbs: ["get", "list"] },
];
