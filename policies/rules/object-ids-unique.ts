import { apiGroupOf, namespaceOf, objectId } from "../../fleet/kubernetes/object";
import type { ClusterRule } from "../engine/rule";

export const objectIdsUnique: ClusterRule = {
  subject: "cluster",
  id: "object-ids-unique",
  title: "No two objects of a cluster have the same kind, namespace and name",
  why: "They are one object to the cluster: what is applied last overwrites the other, and which is last nobody decided.",
  severity: "error",
  remedy: "Rename one of the two, or remove it.",
  check: ({ objects }) => {
    const seen = new Set<string>();
    return objects.flatMap((object) => {
      const { apiVersion, kind, metadata } = object;
      // The API server gives each object with a generateName a name of its own.
      if (!metadata.name) return [];
      // Versions of a group are views of one object; an object without a namespace goes to the default one.
      const id = [apiGroupOf(apiVersion), kind, namespaceOf(object), metadata.name].join("\0");
      if (!seen.has(id)) {
        seen.add(id);
        return [];
      }
      return [{ object, path: "metadata.name", message: `${objectId(object)} is stated more than once` }];
    });
  },
};
