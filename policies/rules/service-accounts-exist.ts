import { nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";
import { namespaceOf, podMakers } from "../kubernetes/workloads";

/** Kubernetes creates this account in every namespace. */
const BUILT_IN = "default";
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
      else accounts.set(namespace, [BUILT_IN, nameOf(object)]);
    }
    return podMakers(objects).flatMap(({ object, pod, namespace }) => {
      // `serviceAccount` is the deprecated name of the field.
      const field = pod.value.serviceAccountName ? "serviceAccountName" : "serviceAccount";
      const name = pod.value[field];
      const names = accounts.get(namespace) ?? [BUILT_IN];
      if (!name || namespace === SYSTEM || names.includes(name)) return [];
      return [{ object, path: pod.path(field), message: unknownName(name, names) }];
    });
  },
};
