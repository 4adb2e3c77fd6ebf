import type { IntOrString } from "@kubernetes/client-node";

import { type Budget, budgetsOf, budgetSelectors } from "../kubernetes/availability";
import { formatValue } from "../../fleet/problem";
import type { ClusterRule, Violation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** How many of a number of pods are meant: `2`, or `50%` of them, rounded up as Kubernetes does. */
function share(stated: IntOrString, of: number): number {
  const percent = /^(\d+)%$/.exec(String(stated))?.[1];
  return percent === undefined ? Number(stated) : Math.ceil((Number(percent) * of) / 100);
}

function violation({ spec }: Budget, selected: readonly PodMaker[]): Violation | undefined {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined && maxUnavailable !== null) {
    if (share(maxUnavailable, 100) !== 0) return undefined;
    return { path: "spec.maxUnavailable", message: `got ${formatValue(maxUnavailable)}, allowed is 1 or more` };
  }
  if (minAvailable === undefined || minAvailable === null) return undefined;
  // Drains leave the pods of a DaemonSet alone; how many there are, the nodes decide.
  const counts = selected.flatMap(({ replicas }) => (replicas === "per-node" ? [] : [replicas]));
  const pods = counts.reduce((sum, count) => sum + count, 0);
  if (minAvailable !== "100%" && (pods === 0 || counts.length < selected.length || share(minAvailable, pods) < pods)) {
    return undefined;
  }
  const of = pods === 0 ? "of any number of pods" : `of ${pods} ${pods === 1 ? "pod" : "pods"}`;
  return { path: "spec.minAvailable", message: `got ${formatValue(minAvailable)} ${of}, allowed is less than all` };
}

export const budgetsAllowDrains: ClusterRule = {
  subject: "cluster",
  id: "budgets-allow-drains",
  title: "Every disruption budget lets at least one pod go",
  why: "A node with a pod that may never go can't be drained: an upgrade of the cluster stops at it and waits for ever.",
  severity: "error",
  remedy: "State maxUnavailable: 1, add a replica, or remove the budget where one pod is all there is.",
  check: ({ objects }) => {
    const budgets = budgetsOf(objects);
    const selectors = budgetSelectors(budgets);
    const selected = new Map<Budget, PodMaker[]>(budgets.map((budget) => [budget, []]));
    for (const maker of podMakers(objects)) {
      for (const budget of selectors.matching(maker.namespace, maker.labels)) selected.get(budget)!.push(maker);
    }
    return budgets.flatMap((budget) => {
      const found = violation(budget, selected.get(budget)!);
      return found ? [{ object: budget.object, ...found }] : [];
    });
  },
};
