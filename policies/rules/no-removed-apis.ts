import { deprecation } from "../kubernetes/deprecated-apis";
import type { ClusterRule } from "../engine/rule";

export const noRemovedApis: ClusterRule = {
  subject: "cluster",
  id: "no-removed-apis",
  title: "Objects do not use removed API versions",
  why: "The API server no longer serves the kind, so the object cannot be applied.",
  severity: "error",
  remedy: "Migrate to the replacement named in Kubernetes' deprecated API migration guide.",
  check: ({ kubernetesVersion, objects }) =>
    objects.flatMap((object) => {
      const found = deprecation(object, kubernetesVersion);
      if (!found?.removed) return [];
      const { apiVersion, removed, use } = found.api;
      const replacement = use === undefined ? "it has no replacement" : `use ${use}`;
      const message = `${apiVersion} ${object.kind} is unavailable in v1.${removed}+ (the cluster runs v${kubernetesVersion}); ${replacement}`;
      return [{ object, path: "apiVersion", message }];
    }),
};
