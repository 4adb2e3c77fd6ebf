import { meetsTerm, requiredTerms } from "../../fleet/kubernetes/requirements";
import { nameAuthor } from "./authored";
import { type PlacementContext, selectKind, type RequestedConstraint } from "./constraint";

/** What somebody wants of a node's labels. */
export interface Demand {
  readonly by: string;
  /** `device-type raspberry-pi-4`. */
  readonly text: string;
  /** Absent for a node affinity. */
  readonly key?: string;
  readonly values?: readonly string[];
  /** Whether nodes with these labels will do. */
  allows(labels: Readonly<Record<string, string>>): boolean;
}

/**
 * Every demand on nodes: those of constructs, and the author's own.
 *
 * @param judged which labels are known of every node; a demand for another one is taken to be met
 */
export function demandsOf(
  context: PlacementContext,
  wanted: readonly RequestedConstraint[],
  judged: (key: string) => boolean,
): Demand[] {
  const ofLabels = selectKind(wanted, "node", "reach")
    .filter(({ constraint: { key } }) => judged(key))
    .map(({ by, constraint: { key, values } }): Demand => ({
      by,
      text: nodeText(key, values),
      key,
      ...(values && { values }),
      allows: (labels) => labels[key] !== undefined && (values?.includes(labels[key]) ?? true),
    }));
  const terms = requiredTerms(context.template.spec);
  if (terms === undefined) return ofLabels;
  const affinity: Demand = {
    by: nameAuthor(context),
    text: "its node affinity",
    allows: (labels) => terms.some((term) => meetsTerm(labels, term, (key) => !judged(key))),
  };
  return [...ofLabels, affinity];
}

/** A demand as messages put it. */
export function nodeText(key: string, values: readonly string[] | undefined): string {
  return values ? `${key} ${values.join(" or ")}` : `any ${key}`;
}
