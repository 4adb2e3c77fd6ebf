import type { k8s } from "cdk8s-plus-27";

const READ = ["get", "list", "watch"];

/**
 * Cluster-wide permissions of the edge scheduler. They are copied from `system:kube-scheduler` and
 * `system:volume-scheduler`. Skerry does not bind these roles, because they also allow taking the lease of the default
 * scheduler and creating leases in every namespace. The edge scheduler's own lease is granted separately, by name.
 */
export const edgeSchedulerRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] },
  // Placement. Preemption deletes pods; the status contains the reason and the nominated node.
  { apiGroups: [""], resources: ["pods"], verbs: [...READ, "delete"] },
  { apiGroups: [""], resources: ["pods/binding", "bindings"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["patch", "update"] },
  // Inputs of filters and scores.
  {
    apiGroups: [""],
    resources: ["nodes", "namespaces", "services", "replicationcontrollers"],
    verbs: READ,
  },
  { apiGroups: ["apps"], resources: ["replicasets", "statefulsets"], verbs: READ },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: READ },
  // Volumes. The scheduler writes the chosen node to claims that wait for their first consumer.
  { apiGroups: [""], resources: ["persistentvolumes", "persistentvolumeclaims"], verbs: [...READ, "patch", "update"] },
  {
    apiGroups: ["storage.k8s.io"],
    resources: ["storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments"],
    verbs: READ,
  },
  // Dynamic resource allocation. The scheduler waits for these caches before it places pods.
  {
    apiGroups: ["resource.k8s.io"],
    resources: ["deviceclasses", "resourceslices", "devicetaintrules"],
    verbs: READ,
  },
  {
    apiGroups: ["resource.k8s.io"],
    resources: ["resourceclaims"],
    verbs: [...READ, "create", "delete", "patch", "update"],
  },
  {
    apiGroups: ["resource.k8s.io"],
    resources: ["resourceclaims/status", "resourceclaims/binding"],
    verbs: ["patch", "update"],
  },
  { apiGroups: [""], resources: ["pods/finalizers"], verbs: ["update"] },
  // Node usage from node profiles, or from metrics-server for nodes without a profile.
  { apiGroups: ["skerry.dev"], resources: ["nodeprofiles"], verbs: READ },
  { apiGroups: ["metrics.k8s.io"], resources: ["nodes", "pods"], verbs: ["get", "list"] },
  // Authentication and authorization of requests to the scheduler's own endpoints.
  { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
];
