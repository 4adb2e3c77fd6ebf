import type { KubeObject } from "../../fleet/kubernetes/object";
import { shown } from "../../fleet/problem";
import type { ClusterRule } from "../engine/rule";
import { namespaceOf, podMakers } from "../kubernetes/workloads";

/** The service account of pods that do not set `serviceAccountName`. */
const DEFAULT_ACCOUNT = "default";

/** Returns the namespaces whose default ServiceAccount disables token mounting. A pod's own setting takes precedence. */
function findNamespacesWithoutToken(objects: readonly KubeObject[]): Set<string> {
  return new Set(
    objects
      .filter(
        ({ apiVersion, kind, metadata }) =>
          kind === "ServiceAccount" && apiVersion === "v1" && metadata.name === DEFAULT_ACCOUNT,
      )
      .filter(({ automountServiceAccountToken }) => automountServiceAccountToken === false)
      .map(namespaceOf),
  );
}

export const noDefaultAccountToken: ClusterRule = {
  subject: "cluster",
  id: "no-default-account-token",
  title: "Pods do not mount the token of the default service account",
  why: "By default, every pod mounts a token of its namespace's default service account. An attacker in one pod can call the Kubernetes API, and any role granted to that account applies to all of these pods.",
  severity: "warning",
  remedy:
    "Set automountServiceAccountToken: false in the pod or in the default ServiceAccount, or use a dedicated ServiceAccount for the workload.",
  check: ({ objects }) => {
    const disabled = findNamespacesWithoutToken(objects);
    return podMakers(objects).flatMap(({ object, pod, namespace }) => {
      const { automountServiceAccountToken: mounted, serviceAccountName, serviceAccount } = pod.value;
      if (
        !(mounted ?? !disabled.has(namespace)) ||
        (serviceAccountName || serviceAccount || DEFAULT_ACCOUNT) !== DEFAULT_ACCOUNT
      )
        return [];
      const message = `got ${shown(mounted ?? undefined)}, must be false for a pod that uses the default service account`;
      return [{ object, path: pod.path("automountServiceAccountToken"), message }];
    });
  },
  admission: {
    validations: [
      {
        expression:
          "!variables.pod.?automountServiceAccountToken.orValue(true) || " +
          `!(variables.pod.?serviceAccountName.orValue("") in ["", "${DEFAULT_ACCOUNT}"])`,
        message:
          "automountServiceAccountToken must be false for a pod that uses the default service account, unless that ServiceAccount sets it.",
      },
    ],
  },
};
