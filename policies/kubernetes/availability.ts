import type { V1PodDisruptionBudgetSpec } from "@kubernetes/client-node";

import { type KubeObject, namespaceOf } from "../../fleet/kubernetes/object";
import { isReplicatedKind } from "../../fleet/kubernetes/replicas";
import { Selectors } from "../../fleet/kubernetes/selectors";
import type { PodMaker } from "./workloads";

/** A PodDisruptionBudget. */
export interface Budget {
  readonly object: KubeObject;
  readonly spec: V1PodDisruptionBudgetSpec;
}

/** Reports whether a workload keeps more than one pod running, so that it survives the loss of one. */
export const isReplicated = ({ object, replicas }: PodMaker): boolean =>
  isReplicatedKind(object.kind) && replicas !== "per-node" && replicas > 1;

/** Formats a number of replicas: `2 replicas`, with the autoscaler that sets it. */
export const replicasText = ({ replicas, autoscaler }: PodMaker): string =>
  `${replicas} replicas${autoscaler ? ` (minReplicas of HorizontalPodAutoscaler ${autoscaler.name})` : ""}`;

/** Returns the PodDisruptionBudgets among some objects. */
export function budgetsOf(objects: readonly KubeObject[]): Budget[] {
  return objects
    .filter(({ apiVersion, kind }) => kind === "PodDisruptionBudget" && apiVersion.startsWith("policy/"))
    .map((object) => ({ object, spec: object.spec ?? {} }));
}

/** Returns an index of budgets by the pods that they select. A budget without a selector selects none. */
export function budgetSelectors(budgets: readonly Budget[]): Selectors<Budget> {
  return new Selectors(
    budgets.flatMap((item) =>
      item.spec.selector ? [{ item, selector: item.spec.selector, namespace: namespaceOf(item.object) }] : [],
    ),
  );
}
