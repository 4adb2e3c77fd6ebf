import { nameOf } from "../../fleet/kubernetes/object";
import { unknownName } from "../kubernetes/known-names";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

/** Every cluster is born with these. */
const BUILT_IN = ["system-cluster-critical", "system-node-critical"];

export const priorityClassesExist: ClusterRule = {
  subject: "cluster",
  id: "priority-classes-exist",
  title: "Every priority class that a pod names exists",
  why: "The API server refuses pods of a class that is not there: the deployment is made, and its pods never are.",
  severity: "error",
  remedy: "Add a PriorityClass of that name to the cluster's objects, or correct the name.",
  check: ({ objects }) => {
    const declared = objects.filter(({ kind }) => kind === "PriorityClass").map(nameOf);
    const known = new Set([...BUILT_IN, ...declared]);
    return podMakers(objects).flatMap(({ object, pod }) => {
      const name = pod.value.priorityClassName;
      if (!name || known.has(name)) return [];
      return [
        { object, path: pod.path("priorityClassName"), message: unknownName("priority class", name, [...known]) },
      ];
    });
  },
};
