import type { AdmissionResources } from "../engine/rule";

/** Pods, with the subresources that add or resize containers, and every kind with a pod template. */
export const POD_RESOURCES: readonly AdmissionResources[] = [
  {
    apiGroups: [""],
    apiVersions: ["v1"],
    resources: ["pods", "pods/ephemeralcontainers", "pods/resize", "replicationcontrollers"],
  },
  { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments", "replicasets", "statefulsets", "daemonsets"] },
  { apiGroups: ["batch"], apiVersions: ["v1"], resources: ["jobs", "cronjobs"] },
];

/** ConfigMaps. */
export const CONFIG_MAPS: AdmissionResources = { apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };
