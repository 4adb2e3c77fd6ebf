import { type KubeObject, namespaceOf } from "../../fleet/kubernetes/object";
import { DEFAULT_SERVICE_ACCOUNT, serviceAccountOf } from "../../fleet/kubernetes/service-accounts";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

/** Namespaces whose default account turns its token off. A pod that states otherwise takes precedence over its account. */
function tokenless(objects: readonly KubeObject[]): Set<string> {
  return new Set(
    objects
      .filter(
        ({ apiVersion, kind, metadata }) =>
          kind === "ServiceAccount" && apiVersion === "v1" && metadata.name === DEFAULT_SERVICE_ACCOUNT,
      )
      .filter(({ automountServiceAccountToken }) => automountServiceAccountToken === false)
      .map(namespaceOf),
  );
}

export const apiTokenWanted: ClusterRule = {
  subject: "cluster",
  id: "api-token-wanted",
  title: "Only pods with a service account of their own get a token for the Kubernetes API",
  why: "By default every pod is given a token of its namespace's default account: an attacker in one pod can call the API, and any role granted to that account is granted to all of these pods.",
  severity: "warning",
  remedy:
    "Set automountServiceAccountToken: false in the pod or in the default account, or name a service account made for this workload.",
  check: ({ objects }) => {
    const off = tokenless(objects);
    return podMakers(objects).flatMap(({ object, pod, namespace }) => {
      const mounted = pod.value.automountServiceAccountToken ?? !off.has(namespace);
      if (!mounted || serviceAccountOf(pod.value) !== DEFAULT_SERVICE_ACCOUNT) return [];
      const message = "mounts the token of the default account, allowed are false and an account of its own";
      return [{ object, path: pod.path("automountServiceAccountToken"), message }];
    });
  },
  admission: {
    validations: [
      {
        expression:
          "!variables.pod.?automountServiceAccountToken.orValue(true) || " +
          `!(variables.pod.?serviceAccountName.orValue("") in ["", "${DEFAULT_SERVICE_ACCOUNT}"])`,
        message:
          "The pod mounts the token of its namespace's default service account, unless that account turns its token off.",
      },
    ],
  },
};
