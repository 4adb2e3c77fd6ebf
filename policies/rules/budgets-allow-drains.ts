import type { IntOrString } from "@kubernetes/client-node";

import { type Budget, budgetsOf, budgetSelectors } from "../kubernetes/availability";
import { shown } from "../../fleet/problem";
import type { ClusterRule, Violation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** Returns the number of pods that a count (`2`) or a percentage (`50%`) stands for. Rounds up, as Kubernetes does. */
function resolveCount(value: IntOrString, total: number): number {
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  return percent === undefined ? Number(value) : Math.ceil((Number(percent) * total) / 100);
}

function checkBudget({ spec }: Budget, selected: readonly PodMaker[]): Violation | undefined {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined && maxUnavailable !== null) {
    if (resolveCount(maxUnavailable, 100) !== 0) return undefined;
    return { path: "spec.maxUnavailable", message: `got ${shown(maxUnavailable)}, must be at least 1` };
  }
  if (minAvailable === undefined || minAvailable === null) return undefined;
  // Drains skip the pods of a DaemonSet, and their number depends on the nodes.
  const counts = selected.flatMap(({ replicas }) => (replicas === "per-node" ? [] : [replicas]));
  const pods = counts.reduce((sum, count) => sum + count, 0);
  if (
    minAvailable !== "100%" &&
    (pods === 0 || counts.length < selected.length || resolveCount(minAvailable, pods) < pods)
  ) {
    return undefined;
  }
  const target = pods === 0 ? "a pod" : `at least one of ${pods} ${pods === 1 ? "pod" : "pods"}`;
  return {
    path: "spec.minAvailable",
    message: `got ${shown(minAvailable)}, must allow the eviction of ${target}`,
  };
}

export const budgetsAllowDrains: ClusterRule = {
  subject: "cluster",
  id: "budgets-allow-drains",
  title: "Every PodDisruptionBudget allows at least one eviction",
  why: "A node cannot be drained while a budget forbids evicting one of its pods, so a cluster upgrade waits at that node forever.",
  severity: "error",
  remedy: "Set maxUnavailable: 1, add a replica, or remove the budget if there is only one pod.",
  check: ({ objects }) => {
    const budgets = budgetsOf(objects);
    const selectors = budgetSelectors(budgets);
    const selected = new Map<Budget, PodMaker[]>(budgets.map((budget) => [budget, []]));
    for (const maker of podMakers(objects)) {
      for (const budget of selectors.matching(maker.namespace, maker.labels)) selected.get(budget)!.push(maker);
    }
    return budgets.flatMap((budget) => {
      const violation = checkBudget(budget, selected.get(budget)!);
      return violation ? [{ object: budget.object, ...violation }] : [];
    });
  },
};
