import type { V1LabelSelector } from "@kubernetes/client-node";

import { isReplicated, replicasText } from "../kubernetes/availability";
import type { ClusterRule, Violation } from "../engine/rule";
import { matchesSelector } from "../../fleet/kubernetes/selectors";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** What is to keep a workload's pods apart, and the selector by which it finds them. */
function spreads({ pod }: PodMaker): { readonly path: string; readonly selector: V1LabelSelector | undefined }[] {
  const { topologySpreadConstraints = [], affinity } = pod.value;
  const { requiredDuringSchedulingIgnoredDuringExecution: required = [], ...rest } = affinity?.podAntiAffinity ?? {};
  const preferred = rest.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = (...steps: readonly PropertyKey[]): string => pod.path("affinity", "podAntiAffinity", ...steps);
  return [
    ...topologySpreadConstraints.map(({ labelSelector }, index) => ({
      path: pod.path("topologySpreadConstraints", index, "labelSelector"),
      selector: labelSelector,
    })),
    ...required.map(({ labelSelector }, index) => ({
      path: apart("requiredDuringSchedulingIgnoredDuringExecution", index, "labelSelector"),
      selector: labelSelector,
    })),
    ...preferred.map(({ podAffinityTerm }, index) => ({
      path: apart("preferredDuringSchedulingIgnoredDuringExecution", index, "podAffinityTerm", "labelSelector"),
      selector: podAffinityTerm.labelSelector,
    })),
  ];
}

function violation(maker: PodMaker): Violation | undefined {
  const stated = spreads(maker);
  // A missing selector selects nothing.
  if (stated.some(({ selector }) => selector && matchesSelector(selector, maker.labels))) return undefined;
  const [first] = stated;
  if (first)
    return { path: first.path, message: "does not select the workload's own pods, so that they stay unspread" };
  const message = `has ${replicasText(maker)} that may all run on one node`;
  return { path: maker.pod.path("topologySpreadConstraints"), message };
}

export const replicasSpread: ClusterRule = {
  subject: "cluster",
  id: "replicas-spread",
  title: "Replicas are told to keep apart",
  why: "Replicas on one node are lost with that node, which is what they were to guard against.",
  severity: "warning",
  remedy:
    "Spread the pods over nodes, zones or regions (SpreadAcrossNodes, SpreadAcrossZones, SpreadAcrossRegions, or HighlyAvailable), by a selector of their own labels.",
  check: ({ objects }) =>
    podMakers(objects)
      .filter(isReplicated)
      .flatMap((maker) => {
        const found = violation(maker);
        return found ? [{ object: maker.object, ...found }] : [];
      }),
};
