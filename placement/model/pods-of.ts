import type { ApiObject } from "cdk8s";

import { formatValue } from "../../fleet/problem";
import { valuesInCommon } from "../contradictions/nodes";
import { DOMAIN_KEYS, NARROWEST_FIRST, subjectOf } from "./domains";
import { type Domain, type PlacementContext, selectKind, type PodAffinityConstraint } from "./constraint";
import { namesOf } from "./names";
import { renderAuthored, requestedConstraints } from "../placement";
import { objectOf, type Placeable, podSelectorOf } from "./workload";

/** Pods of another workload, or of the workload itself; or those with these labels, whoever makes them. */
export type PodsOf =
  | Placeable
  | {
      readonly labels: Readonly<Record<string, string>>;
      /** @default the workload's own */
      readonly namespace?: string;
    };

const isObject = (pods: PodsOf): pods is Placeable => "node" in pods;

/** The object that makes these pods, where it is known. */
export const objectsOf = (pods: PodsOf): readonly ApiObject[] => (isObject(pods) ? [objectOf(pods)] : []);

/** The constraint that asks for these pods, near or apart; undefined when they cannot be told from others. */
export function podAffinity(
  pods: PodsOf,
  wish: Pick<PodAffinityConstraint, "apart" | "domain" | "required">,
  context: PlacementContext,
): PodAffinityConstraint | undefined {
  if (!isObject(pods)) return { kind: "pods", ...wish, ...pods };
  const other = renderAuthored(objectOf(pods));
  const { matchLabels = {} } = podSelectorOf(other);
  const { namespace } = other.metadata;
  if (Object.keys(matchLabels).length === 0) return undefined;
  const elsewhere = namespace !== undefined && namespace !== context.object.metadata.namespace;
  return { kind: "pods", ...wish, labels: matchLabels, ...(elsewhere && { namespace }) };
}

/** What is wrong with pods that are asked for. */
export function podsProblems(pods: PodsOf, context: PlacementContext): string[] {
  if (podAffinity(pods, { apart: false, domain: "node", required: true }, context) === undefined) {
    return ["pods: got a workload whose pods carry no labels, allowed one with a selector, or labels"];
  }
  return !isObject(pods) && Object.keys(pods.labels).length === 0
    ? [`labels: got ${formatValue([])}, allowed one label or more: without any, all pods of the namespace are meant`]
    : [];
}

/** Two workloads that are to be together, though others keep them to different places. */
export function keptApart(target: ApiObject, pods: PodsOf, domain: Domain): string[] {
  if (!isObject(pods)) return [];
  const other = objectOf(pods);
  // In one domain they share what it lies in: those on one node share its device, those in one zone its region.
  const shared = NARROWEST_FIRST.slice(NARROWEST_FIRST.indexOf(domain)).map((each) => subjectOf(DOMAIN_KEYS[each]));
  const ofNodes = (of: ApiObject) =>
    selectKind(requestedConstraints(of), "node", "reach").filter(
      ({ constraint }) => domain === "node" || shared.includes(subjectOf(constraint.key)),
    );
  const [mine, theirs] = [ofNodes(target), ofNodes(other)];
  const subjects = [...new Set(mine.map(({ constraint }) => subjectOf(constraint.key)))];
  return subjects.flatMap((subject) => {
    const about = (some: typeof mine) => some.filter(({ constraint }) => subjectOf(constraint.key) === subject);
    const both = [...about(mine), ...about(theirs)];
    if (about(theirs).length === 0 || valuesInCommon(both)?.length !== 0) return [];
    return [`cannot be with ${other.node.path} in one ${domain}: ${namesOf(both)} keep them to different nodes`];
  });
}
