import { BUILT_IN_NAMESPACES, nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";

export const namespacesExist: ClusterRule = {
  subject: "cluster",
  id: "namespaces-exist",
  title: "Every namespace that an object goes to exists",
  why: "The API server refuses objects of a namespace that is not there.",
  severity: "warning",
  remedy: "Add the Namespace to the cluster's objects, or correct its name.",
  check: ({ objects }) => {
    const declared = objects.filter(({ kind }) => kind === "Namespace").map(nameOf);
    const known = new Set([...BUILT_IN_NAMESPACES, ...declared]);
    return objects.flatMap((object) => {
      const { namespace } = object.metadata;
      if (namespace === undefined || known.has(namespace)) return [];
      // Said of the first object that goes there.
      const message = unknownName(namespace, [...BUILT_IN_NAMESPACES, ...declared]);
      known.add(namespace);
      return [{ object, path: "metadata.namespace", message }];
    });
  },
};
