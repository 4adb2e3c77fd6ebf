import type { IntOrString, V1TopologySpreadConstraint } from "@kubernetes/client-node";

import { type KubeObject, namespaceOf, nameOf, objectId } from "../../fleet/kubernetes/object";
import { templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { isPerNodeKind } from "../../fleet/kubernetes/replicas";
import { annotations, labels, SURVIVABLE_LOSSES } from "../../fleet/labels";
import { describeAllowed, formatPath, formatValue, suggestName } from "../../fleet/problem";
import { budgetsOf, budgetSelectors } from "../../policies/kubernetes/availability";
import type { Drill, ObjectReference } from "../simulator/protocol";

/** What an availability intent counts: pods that run, or the domains in which some run. */
export type AvailabilityUnit = "pods" | "nodes" | "regions";

/** What an object states about the availability of workloads. */
export interface AvailabilityIntent {
  /** The object that states it, and the path of the statement. */
  readonly object: KubeObject;
  readonly path: string;
  readonly workloads: readonly ObjectReference[];
  readonly unit: AvailabilityUnit;
  /** Returns how many must be left of the workloads' desired pods. */
  readonly required: (desired: number) => number;
  /** The loss that the workload states to survive. Absent if the intent applies to every loss. */
  readonly loss?: "node" | "region";
}

const reference = (object: KubeObject): ObjectReference => ({
  kind: object.kind,
  namespace: namespaceOf(object),
  name: nameOf(object),
});

/** Scales a percentage to a number of pods. Rounds up, as Kubernetes does. */
function scale(value: IntOrString, total: number): number {
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  return percent === undefined ? Number(value) : Math.ceil((Number(percent) * total) / 100);
}

/** The PodDisruptionBudgets, each with the workloads that it selects. */
function findBudgets(objects: readonly KubeObject[], placed: readonly KubeObject[]): AvailabilityIntent[] {
  const budgets = budgetsOf(objects);
  const selectors = budgetSelectors(budgets);
  const selected = new Map(budgets.map((budget) => [budget, [] as ObjectReference[]]));
  for (const object of placed) {
    const podLabels = templateOf(object)?.metadata?.labels ?? {};
    for (const budget of selectors.matching(namespaceOf(object), podLabels))
      selected.get(budget)!.push(reference(object));
  }
  return [...selected].flatMap(([{ object, spec }, workloads]): AvailabilityIntent[] => {
    const { minAvailable, maxUnavailable } = spec;
    const common = { object, workloads, unit: "pods" } as const;
    if (workloads.length === 0) return [];
    if (minAvailable !== undefined && minAvailable !== null)
      return [{ ...common, path: "spec.minAvailable", required: (desired) => scale(minAvailable, desired) }];
    if (maxUnavailable === undefined || maxUnavailable === null) return [];
    return [
      {
        ...common,
        path: "spec.maxUnavailable",
        required: (desired) => Math.max(0, desired - scale(maxUnavailable, desired)),
      },
    ];
  });
}

const UNITS: Readonly<Record<string, AvailabilityUnit>> = {
  [labels.topologyRegion]: "regions",
  "kubernetes.io/hostname": "nodes",
};

/** The spreads of a workload over a least number of regions or nodes. */
function findSpreads(object: KubeObject): AvailabilityIntent[] {
  const spreads: readonly V1TopologySpreadConstraint[] = templateOf(object)?.spec.topologySpreadConstraints ?? [];
  return spreads.flatMap(({ minDomains, topologyKey }, index): AvailabilityIntent[] => {
    const unit = UNITS[topologyKey];
    if (!minDomains || unit === undefined) return [];
    const path = formatPath([...templatePath(object)!, "spec", "topologySpreadConstraints", index, "minDomains"]);
    return [{ object, path, workloads: [reference(object)], unit, required: () => minDomains }];
  });
}

const SURVIVES_PATH = formatPath(["metadata", "annotations", annotations.survivesLossOf]);
const MINIMUM_PATH = formatPath(["metadata", "annotations", annotations.minAvailable]);

/** The loss that a workload states to survive, and the least number of pods. Annotations with invalid values state nothing. */
function findSurvival(object: KubeObject): AvailabilityIntent[] {
  const { [annotations.survivesLossOf]: loss, [annotations.minAvailable]: minimum = "1" } =
    object.metadata.annotations ?? {};
  const known = SURVIVABLE_LOSSES.find((each) => each === loss);
  if (known === undefined || !isCount(minimum)) return [];
  const common = { object, path: SURVIVES_PATH, workloads: [reference(object)], unit: "pods" } as const;
  return [{ ...common, required: () => Number(minimum), loss: known }];
}

const isCount = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text);

/** The objects that keep pods running. A DaemonSet loses the pods of a node with the node, and a Job ends. */
const findPlaced = (objects: readonly KubeObject[]): KubeObject[] =>
  objects.filter(
    (object) => templateOf(object) && !isPerNodeKind(object.kind) && !/^(Job|CronJob|Pod)$/.test(object.kind),
  );

/**
 * Finds what the objects of a cluster state about the availability of their workloads: PodDisruptionBudgets, spreads with
 * `minDomains`, and the losses that workloads state to survive. The strategy of a Deployment is about rollouts only.
 */
export function findIntents(objects: readonly KubeObject[]): AvailabilityIntent[] {
  const placed = findPlaced(objects);
  return [
    ...findBudgets(objects, placed),
    ...placed.flatMap((object) => [...findSpreads(object), ...findSurvival(object)]),
  ];
}

/** Returns the problems of annotations about availability: unknown losses, and minimums that are no positive number. */
export function findIntentProblems(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const { [annotations.survivesLossOf]: loss, [annotations.minAvailable]: minimum } =
      object.metadata.annotations ?? {};
    const problems: string[] = [];
    if (loss !== undefined && !(SURVIVABLE_LOSSES as readonly string[]).includes(loss))
      problems.push(
        `${SURVIVES_PATH}: ${describeAllowed(SURVIVABLE_LOSSES)}, got ${formatValue(loss)}${suggestName(loss, SURVIVABLE_LOSSES)}`,
      );
    if (minimum !== undefined && !isCount(minimum))
      problems.push(`${MINIMUM_PATH}: must be a whole number of at least 1, got ${formatValue(minimum)}`);
    return problems.map((problem) => `${objectId(object)}: ${problem}`);
  });
}

/** Reports whether an intent applies to a drill: who survives the loss of a region survives that of a node in it. */
export const appliesTo = ({ loss }: AvailabilityIntent, { region, node }: Drill): boolean =>
  loss === undefined || (loss === "region" ? region !== undefined || node !== undefined : node !== undefined);
