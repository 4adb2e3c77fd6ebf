import { budgetsOf, budgetSelectors, isReplicated, replicasText } from "../kubernetes/availability";
import type { ClusterRule } from "../engine/rule";
import { podMakers } from "../kubernetes/workloads";

export const replicasHaveBudget: ClusterRule = {
  subject: "cluster",
  id: "replicas-have-budget",
  title: "Replicated workloads have a PodDisruptionBudget",
  why: "Without a budget, draining nodes for an upgrade can evict all replicas at once.",
  severity: "warning",
  remedy:
    "Add a PodDisruptionBudget with maxUnavailable: 1 that selects the pods. The construct HighlyAvailable adds one.",
  check: ({ objects }) => {
    const budgets = budgetSelectors(budgetsOf(objects));
    return podMakers(objects)
      .filter((maker) => isReplicated(maker) && budgets.matching(maker.namespace, maker.labels).length === 0)
      .map((maker) => ({
        object: maker.object,
        path: "spec.replicas",
        message: `has ${replicasText(maker)}, but no PodDisruptionBudget in namespace ${maker.namespace} selects them`,
      }));
  },
};
