import { nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";
import { namespaceOf, podMakers } from "../kubernetes/workloads";

/** Every namespace is born with it. */
const BUILT_IN = "default";
/** Whose accounts Kubernetes and K3s make themselves. */
const SYSTEM = "kube-system";

export const serviceAccountsExist: ClusterRule = {
  subject: "cluster",
  id: "service-accounts-exist",
  title: "Every service account that a pod names exists in its namespace",
  why: "The API server refuses pods of an account that is not there: the deployment is made, and its pods never are.",
  severity: "error",
  remedy: "Add a ServiceAccount of that name to the pod's namespace, or correct the name.",
  check: ({ objects }) => {
    const known = new Map<string, string[]>();
    for (const object of objects.filter(({ kind }) => kind === "ServiceAccount")) {
      const namespace = namespaceOf(object);
      const names = known.get(namespace);
      if (names) names.push(nameOf(object));
      else known.set(namespace, [BUILT_IN, nameOf(object)]);
    }
    return podMakers(objects).flatMap(({ object, pod, namespace }) => {
      // `serviceAccount` is the old name of the field.
      const field = pod.value.serviceAccountName ? "serviceAccountName" : "serviceAccount";
      const name = pod.value[field];
      const names = known.get(namespace) ?? [BUILT_IN];
      if (!name || namespace === SYSTEM || names.includes(name)) return [];
      return [{ object, path: pod.path(field), message: unknownName("service account", name, names) }];
    });
  },
};
