import type { KubeObject } from "../../kubernetes/object";
import type { ClusterSpec } from "../../model";
import { settingsOf } from "./settings";

/**
 * Returns the Kubernetes objects of a cluster's hardening settings. A cluster that Skerry did not create has none: others run
 * programs in its namespaces, which the objects could cut off.
 */
export const hardeningObjects = (cluster: Pick<ClusterSpec, "hardening" | "kubeconfig">): readonly KubeObject[] =>
  cluster.kubeconfig ? [] : settingsOf(cluster).flatMap(({ objects = [] }) => objects);
