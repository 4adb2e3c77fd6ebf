import type { V1PodAffinity, V1PodAffinityTerm } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";

import { DOMAIN_KEYS } from "../model/domains";
import type { PlacementContext, PlacementConstraint, PodAffinityConstraint } from "../model/constraint";

/** Weight of preferences, between 1 and 100. */
const WEIGHT = 100;

/** Writes pod affinity and anti-affinity to the pod. */
export function applyPods(
  { object, template: { spec } }: PlacementContext,
  constraints: readonly PlacementConstraint[],
): void {
  for (const constraint of constraints) {
    if (constraint.kind !== "pods") continue;
    const side = constraint.apart ? "podAntiAffinity" : "podAffinity";
    spec.affinity = {
      ...spec.affinity,
      [side]: addTerm(spec.affinity?.[side], constraint, toTerm(constraint, object.metadata.namespace)),
    };
  }
}

function toTerm({ labels, namespace, domain }: PodAffinityConstraint, own: string | undefined): V1PodAffinityTerm {
  return {
    labelSelector: { matchLabels: { ...labels } },
    // Defaults to the pod's namespace.
    ...(namespace !== undefined && namespace !== own && { namespaces: [namespace] }),
    topologyKey: DOMAIN_KEYS[domain],
  };
}

function addTerm(
  own: V1PodAffinity | undefined,
  { required }: PodAffinityConstraint,
  term: V1PodAffinityTerm,
): V1PodAffinity {
  if (required) {
    const terms = own?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    if (terms.some((each) => isDeepStrictEqual(each, term))) return own!;
    return { ...own, requiredDuringSchedulingIgnoredDuringExecution: [...terms, term] };
  }
  const terms = own?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const weighted = { weight: WEIGHT, podAffinityTerm: term };
  if (terms.some((each) => isDeepStrictEqual(each, weighted))) return own!;
  return { ...own, preferredDuringSchedulingIgnoredDuringExecution: [...terms, weighted] };
}
