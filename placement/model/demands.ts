import { matchesTerm, requiredTerms } from "../../fleet/kubernetes/node-affinity";
import { matchesRequirement } from "../../fleet/kubernetes/requirements";
import { nameAuthor } from "./authored";
import { type NodeConstraint, type PlacementContext, selectKind, type RequestedConstraint } from "./constraint";

/** A condition on a node's labels, by a placement construct or the object's author. */
export interface Demand {
  readonly by: string;
  /** As messages have it: `device-type raspberry-pi-4`. */
  readonly text: string;
  /** Absent for a node affinity. */
  readonly key?: string;
  readonly values?: readonly string[];
  /** Reports whether nodes with these labels meet the condition. */
  allows(labels: Readonly<Record<string, string>>): boolean;
}

/**
 * Returns every condition on the labels of nodes.
 *
 * @param isDetermined whether the value of a label is known for every node. Conditions on other labels count as met.
 */
export function demandsOf(
  context: PlacementContext,
  wanted: readonly RequestedConstraint[],
  isDetermined: (key: string) => boolean,
): Demand[] {
  const ofLabels = selectKind(wanted, "node", "reach")
    .filter(({ constraint: { key } }) => isDetermined(key))
    .map(({ by, constraint: { key, values } }): Demand => ({
      by,
      text: nodeText(key, values),
      key,
      ...(values && { values }),
      allows: (labels) => meetsConstraint(labels, { key, ...(values && { values }) }),
    }));
  const terms = requiredTerms(context.template.spec);
  if (terms === undefined) return ofLabels;
  const affinity: Demand = {
    by: nameAuthor(context),
    text: "its node affinity",
    allows: (labels) => terms.some((term) => matchesTerm({ labels }, term, (key) => !isDetermined(key))),
  };
  return [...ofLabels, affinity];
}

/** Reports whether labels meet a constraint on one of them. */
export function meetsConstraint(
  labels: Readonly<Record<string, string>>,
  { key, values }: Pick<NodeConstraint, "key" | "values">,
): boolean {
  return matchesRequirement(labels, values ? { key, operator: "In", values } : { key, operator: "Exists" });
}

/** Formats a condition on a label for messages. */
export function nodeText(key: string, values: readonly string[] | undefined): string {
  return values ? `${key} ${values.join(" or ")}` : `any ${key}`;
}
