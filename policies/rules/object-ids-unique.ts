import { objectId } from "../../fleet/kubernetes/object";
import type { ClusterRule } from "../engine/rule";
import { namespaceOf } from "../kubernetes/workloads";

export const objectIdsUnique: ClusterRule = {
  subject: "cluster",
  id: "object-ids-unique",
  title: "Every object has a unique kind, namespace and name",
  why: "The cluster treats duplicates as one object. The one that is applied last overwrites the others, and the order is undefined.",
  severity: "error",
  remedy: "Rename or remove one of the objects.",
  check: ({ objects }) => {
    const seen = new Set<string>();
    return objects.flatMap((object) => {
      const { apiVersion, kind, metadata } = object;
      // The API server gives each object with a generateName a unique name.
      if (!metadata.name) return [];
      // All versions of a group refer to the same object. An empty namespace means the default one.
      const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
      const id = [group, kind, namespaceOf(object), metadata.name].join("\0");
      if (!seen.has(id)) {
        seen.add(id);
        return [];
      }
      return [{ object, path: "metadata.name", message: `duplicate object ${objectId(object)}` }];
    });
  },
};
