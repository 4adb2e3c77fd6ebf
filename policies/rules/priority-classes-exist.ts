import { nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

/** Kubernetes creates these classes in every cluster. */
const BUILT_IN = ["system-cluster-critical", "system-node-critical"];

export const priorityClassesExist: ClusterRule = {
  subject: "cluster",
  id: "priority-classes-exist",
  title: "PriorityClasses that pods reference exist",
  why: "The API server rejects pods with an unknown priority class. The Deployment is created, but its pods are not.",
  severity: "error",
  remedy: "Add the PriorityClass to the cluster's objects, or correct the name.",
  check: ({ objects }) => {
    const declared = objects.filter(({ kind }) => kind === "PriorityClass").map(nameOf);
    const existing = new Set([...BUILT_IN, ...declared]);
    return podMakers(objects).flatMap(({ object, pod }) => {
      const name = pod.value.priorityClassName;
      if (!name || existing.has(name)) return [];
      return [{ object, path: pod.path("priorityClassName"), message: unknownName(name, [...existing]) }];
    });
  },
};
