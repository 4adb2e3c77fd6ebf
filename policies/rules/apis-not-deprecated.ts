import { findDeprecation } from "../kubernetes/deprecated-apis";
import type { ClusterRule } from "../engine/rule";

export const apisNotDeprecated: ClusterRule = {
  subject: "cluster",
  id: "apis-not-deprecated",
  title: "No object is of an API version that a later Kubernetes version removes",
  why: "The upgrade of the cluster that removes it is the day on which the object can't be applied any more.",
  severity: "warning",
  remedy: "Move to the API version that takes its place, as Kubernetes' migration guide for deprecated APIs says.",
  check: ({ kubernetesVersion, objects }) =>
    objects.flatMap((object) => {
      const found = findDeprecation(object, kubernetesVersion);
      if (!found || found.removed) return [];
      const { apiVersion, deprecated, removed, use } = found.api;
      const until = removed === undefined ? "" : ` and removed in 1.${removed}`;
      const instead = use === undefined ? "nothing takes its place" : `use ${use}`;
      const message = `got ${object.kind} of ${apiVersion}, deprecated since Kubernetes 1.${deprecated}${until}: ${instead}`;
      return [{ object, path: "apiVersion", message }];
    }),
};
