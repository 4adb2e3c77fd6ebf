import { nameOf, namespaceOf } from "../../fleet/kubernetes/object";
import { DEFAULT_SERVICE_ACCOUNT, serviceAccountField } from "../../fleet/kubernetes/service-accounts";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

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
      else known.set(namespace, [DEFAULT_SERVICE_ACCOUNT, nameOf(object)]);
    }
    return podMakers(objects).flatMap(({ object, pod, namespace }) => {
      const field = serviceAccountField(pod.value);
      const name = pod.value[field];
      const names = known.get(namespace) ?? [DEFAULT_SERVICE_ACCOUNT];
      if (!name || namespace === SYSTEM || names.includes(name)) return [];
      return [{ object, path: pod.path(field), message: unknownName(name, names) }];
    });
  },
};
