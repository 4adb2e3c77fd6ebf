import { nameOf, namespaceOf } from "../../fleet/kubernetes/object";
import { DEFAULT_SERVICE_ACCOUNT, serviceAccountField } from "../../fleet/kubernetes/service-accounts";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

/** Kubernetes and K3s create the accounts of this namespace. */
const SYSTEM = "kube-system";

export const serviceAccountsExist: ClusterRule = {
  subject: "cluster",
  id: "service-accounts-exist",
  title: "ServiceAccounts that pods reference exist in their namespace",
  why: "The API server rejects pods with an unknown service account. The Deployment is created, but its pods are not.",
  severity: "error",
  remedy: "Add the ServiceAccount to the pod's namespace, or correct the name.",
  check: ({ objects }) => {
    const accounts = new Map<string, string[]>();
    for (const object of objects.filter(({ kind }) => kind === "ServiceAccount")) {
      const namespace = namespaceOf(object);
      const names = accounts.get(namespace);
      if (names) names.push(nameOf(object));
      else accounts.set(namespace, [DEFAULT_SERVICE_ACCOUNT, nameOf(object)]);
    }
    return podMakers(objects).flatMap(({ object, pod, namespace }) => {
      const field = serviceAccountField(pod.value);
      const name = pod.value[field];
      const names = accounts.get(namespace) ?? [DEFAULT_SERVICE_ACCOUNT];
      if (!name || namespace === SYSTEM || names.includes(name)) return [];
      return [{ object, path: pod.path(field), message: unknownName("service account", name, names) }];
    });
  },
};
