import type { V1PodDisruptionBudgetSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { Selectors } from "./selectors";
import { namespaceOf, type PodMaker } from "./workloads";

export interface Budget {
  readonly object: KubeObject;
  readonly spec: V1PodDisruptionBudgetSpec;
}

/** Kinds that keep a number of equal pods running. */
const KEEPS_RUNNING: readonly string[] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/** Whether it keeps more than one pod running, so that one may be lost without harm. */
export const isReplicated = ({ object, replicas }: PodMaker): boolean =>
  KEEPS_RUNNING.includes(object.kind) && replicas !== "per-node" && replicas > 1;

/** `2 replicas`, and who decides so where the object itself does not. */
export const replicasText = ({ replicas, autoscaler }: PodMaker): string =>
  `${replicas} replicas${autoscaler ? ` (minReplicas of HorizontalPodAutoscaler ${autoscaler.name})` : ""}`;

export function budgetsOf(objects: readonly KubeObject[]): Budget[] {
  return objects
    .filter(({ apiVersion, kind }) => kind === "PodDisruptionBudget" && apiVersion.startsWith("policy/"))
    .map((object) => ({ object, spec: object.spec ?? {} }));
}

/** Finds a pod's budgets. One without a selector selects nothing. */
export function budgetSelectors(budgets: readonly Budget[]): Selectors<Budget> {
  return new Selectors(
    budgets.flatMap((item) =>
      item.spec.selector ? [{ item, selector: item.spec.selector, namespace: namespaceOf(item.object) }] : [],
    ),
  );
}
