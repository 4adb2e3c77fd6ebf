import type { k8s } from "cdk8s-plus-27";

const READ = ["get", "list", "watch"];

/**
 * What the edge scheduler may do in the whole cluster. These are the rules of upstream's `system:kube-scheduler` and
 * `system:volume-scheduler`, stated here rather than bound, because the upstream role also lets its holder take the
 * default scheduler's lease and create leases in every namespace. Its own lease is granted apart, by name.
 */
export const edgeSchedulerRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] },
  // Placing pods: deleting is preemption, status carries the reason and the nominated node.
  { apiGroups: [""], resources: ["pods"], verbs: [...READ, "delete"] },
  { apiGroups: [""], resources: ["pods/binding", "bindings"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["patch", "update"] },
  // What filters and scores look at.
  {
    apiGroups: [""],
    resources: ["nodes", "namespaces", "services", "replicationcontrollers"],
    verbs: READ,
  },
  { apiGroups: ["apps"], resources: ["replicasets", "statefulsets"], verbs: READ },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: READ },
  // Volumes: a claim that waits for its first consumer is told the chosen node.
  { apiGroups: [""], resources: ["persistentvolumes", "persistentvolumeclaims"], verbs: [...READ, "patch", "update"] },
  {
    apiGroups: ["storage.k8s.io"],
    resources: ["storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments"],
    verbs: READ,
  },
  // Devices (dynamic resource allocation): the scheduler waits for these caches before it places anything.
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
  // How busy nodes are: what their profiles say and, where there are none, metrics-server.
  { apiGroups: ["skerry.dev"], resources: ["nodeprofiles"], verbs: READ },
  { apiGroups: ["metrics.k8s.io"], resources: ["nodes", "pods"], verbs: ["get", "list"] },
  // Its own endpoints ask the API who is calling, and whether they may.
  { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
];
