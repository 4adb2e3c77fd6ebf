import { nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";

/** Every cluster is born with these. */
const BUILT_IN = ["default", "kube-system", "kube-public", "kube-node-lease"];

export const namespacesExist: ClusterRule = {
  subject: "cluster",
  id: "namespaces-exist",
  title: "Every namespace that an object goes to exists",
  why: "The API server refuses objects of a namespace that is not there.",
  severity: "warning",
  remedy: "Add the Namespace to the cluster's objects, or correct its name.",
  check: ({ objects }) => {
    const declared = objects.filter(({ kind }) => kind === "Namespace").map(nameOf);
    const known = new Set([...BUILT_IN, ...declared]);
    return objects.flatMap((object) => {
      const { namespace } = object.metadata;
      if (namespace === undefined || known.has(namespace)) return [];
      // Said of the first object that goes there.
      const message = unknownName("namespace", namespace, [...BUILT_IN, ...declared]);
      known.add(namespace);
      return [{ object, path: "metadata.namespace", message }];
    });
  },
};
