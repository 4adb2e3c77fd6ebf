import type { ApiObject } from "cdk8s";

import { intersectValues } from "../contradictions/nodes";
import { DOMAIN_KEYS, NARROWEST_FIRST, subjectOf } from "./domains";
import { type Domain, type PlacementContext, selectKind, type PodAffinityConstraint } from "./constraint";
import { namesOf } from "./names";
import { collectConstraints, renderAuthored } from "../placement";
import { objectOf, type Placeable, podSelectorOf } from "./workload";

/** A set of pods: those of a workload, or those with given labels. */
export type PodsOf =
  | Placeable
  | {
      /** Labels that the pods must have; at least one. */
      readonly labels: Readonly<Record<string, string>>;
      /** @default - the namespace of the placed workload */
      readonly namespace?: string;
    };

const isObject = (pods: PodsOf): pods is Placeable => "node" in pods;

/** Returns the object that creates the pods. Empty for labels. */
export const objectsOf = (pods: PodsOf): readonly ApiObject[] => (isObject(pods) ? [objectOf(pods)] : []);

/** Creates a pod affinity constraint. Undefined if the pods of the workload have no labels to select them by. */
export function toPodAffinity(
  pods: PodsOf,
  options: Pick<PodAffinityConstraint, "apart" | "domain" | "required">,
  context: PlacementContext,
): PodAffinityConstraint | undefined {
  if (!isObject(pods)) return { kind: "pods", ...options, ...pods };
  const other = renderAuthored(objectOf(pods));
  const { matchLabels = {} } = podSelectorOf(other);
  const { namespace } = other.metadata;
  if (Object.keys(matchLabels).length === 0) return undefined;
  const elsewhere = namespace !== undefined && namespace !== context.object.metadata.namespace;
  return { kind: "pods", ...options, labels: matchLabels, ...(elsewhere && { namespace }) };
}

/** Checks that the pods can be selected. */
export function checkPods(pods: PodsOf, context: PlacementContext): string[] {
  if (toPodAffinity(pods, { apart: false, domain: "node", required: true }, context) === undefined) {
    return ["pods: must be labels, or a workload with a selector or pod labels"];
  }
  return !isObject(pods) && Object.keys(pods.labels).length === 0 ? ["pods.labels: must not be empty"] : [];
}

/** Finds constraints that prevent two workloads from running in the same domain. */
export function findSeparation(target: ApiObject, pods: PodsOf, domain: Domain): string[] {
  if (!isObject(pods)) return [];
  const other = objectOf(pods);
  // Pods in one domain share every wider one: pods on one node share its device, pods in one zone share its region.
  const sharedSubjects = NARROWEST_FIRST.slice(NARROWEST_FIRST.indexOf(domain)).map((wider) =>
    subjectOf(DOMAIN_KEYS[wider]),
  );
  const selectNodes = (object: ApiObject) =>
    selectKind(collectConstraints(object), "node", "reach").filter(
      ({ constraint }) => domain === "node" || sharedSubjects.includes(subjectOf(constraint.key)),
    );
  const [mine, theirs] = [selectNodes(target), selectNodes(other)];
  const subjects = [...new Set(mine.map(({ constraint }) => subjectOf(constraint.key)))];
  return subjects.flatMap((subject) => {
    const onSubject = (constraints: typeof mine) =>
      constraints.filter(({ constraint }) => subjectOf(constraint.key) === subject);
    const both = [...onSubject(mine), ...onSubject(theirs)];
    if (onSubject(theirs).length === 0 || intersectValues(both)?.length !== 0) return [];
    return [`cannot share a ${domain} with ${other.node.path}: ${namesOf(both)} require different nodes`];
  });
}
