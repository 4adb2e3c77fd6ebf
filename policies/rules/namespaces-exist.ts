import { nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";

/** Kubernetes creates these namespaces in every cluster. */
const BUILT_IN = ["default", "kube-system", "kube-public", "kube-node-lease"];

export const namespacesExist: ClusterRule = {
  subject: "cluster",
  id: "namespaces-exist",
  title: "Namespaces that objects use exist",
  why: "The API server rejects objects in a namespace that does not exist.",
  severity: "warning",
  remedy: "Add the Namespace to the cluster's objects, or correct the name.",
  check: ({ objects }) => {
    const declared = objects.filter(({ kind }) => kind === "Namespace").map(nameOf);
    const existing = [...BUILT_IN, ...declared];
    const skipped = new Set(existing);
    return objects.flatMap((object) => {
      const { namespace } = object.metadata;
      if (namespace === undefined || skipped.has(namespace)) return [];
      // Reported once, at the first object in the namespace.
      const message = unknownName(namespace, existing);
      skipped.add(namespace);
      return [{ object, path: "metadata.namespace", message }];
    });
  },
};
