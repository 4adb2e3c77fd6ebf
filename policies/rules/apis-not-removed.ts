import { findDeprecation } from "../kubernetes/deprecated-apis";
import type { ClusterRule } from "../engine/rule";

export const apisNotRemoved: ClusterRule = {
  subject: "cluster",
  id: "apis-not-removed",
  title: "No object is of an API version that the cluster's Kubernetes version has removed",
  why: "The API server does not know the kind: nothing of the object is applied.",
  severity: "error",
  remedy: "Move to the API version that took its place, as Kubernetes' migration guide for deprecated APIs says.",
  check: ({ kubernetesVersion, objects }) =>
    objects.flatMap((object) => {
      const found = findDeprecation(object, kubernetesVersion);
      if (!found?.removed) return [];
      const { apiVersion, removed, use } = found.api;
      const instead = use === undefined ? "nothing took its place" : `use ${use}`;
      const message = `got ${object.kind} of ${apiVersion}, removed in Kubernetes 1.${removed} (this is ${kubernetesVersion}): ${instead}`;
      return [{ object, path: "apiVersion", message }];
    }),
};
