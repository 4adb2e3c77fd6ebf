import { deprecation } from "../kubernetes/deprecated-apis";
import type { ClusterRule } from "../engine/rule";

export const noDeprecatedApis: ClusterRule = {
  subject: "cluster",
  id: "no-deprecated-apis",
  title: "Objects do not use deprecated API versions",
  why: "A later Kubernetes version removes a deprecated API. After that upgrade, the object can no longer be applied.",
  severity: "warning",
  remedy: "Migrate to the replacement named in Kubernetes' deprecated API migration guide.",
  check: ({ kubernetesVersion, objects }) =>
    objects.flatMap((object) => {
      const found = deprecation(object, kubernetesVersion);
      if (!found || found.removed) return [];
      const { apiVersion, deprecated, removed, use } = found.api;
      const unavailable = removed === undefined ? "" : `, unavailable in v1.${removed}+`;
      const replacement = use === undefined ? "it has no replacement" : `use ${use}`;
      const message = `${apiVersion} ${object.kind} is deprecated in v1.${deprecated}+${unavailable}; ${replacement}`;
      return [{ object, path: "apiVersion", message }];
    }),
};
