import type { V1LabelSelector } from "@kubernetes/client-node";

import { isReplicated, replicasText } from "../kubernetes/availability";
import type { ClusterRule, Violation } from "../engine/rule";
import { matchesSelector } from "../kubernetes/selectors";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

/** Returns the selectors of the topology spread constraints and pod anti-affinity terms, each with its path. */
function findSpreadSelectors({
  pod,
}: PodMaker): { readonly path: string; readonly selector: V1LabelSelector | undefined }[] {
  const { topologySpreadConstraints = [], affinity } = pod.value;
  const { requiredDuringSchedulingIgnoredDuringExecution: required = [], ...rest } = affinity?.podAntiAffinity ?? {};
  const preferred = rest.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const antiAffinity = (...steps: readonly PropertyKey[]): string => pod.path("affinity", "podAntiAffinity", ...steps);
  return [
    ...topologySpreadConstraints.map(({ labelSelector }, index) => ({
      path: pod.path("topologySpreadConstraints", index, "labelSelector"),
      selector: labelSelector,
    })),
    ...required.map(({ labelSelector }, index) => ({
      path: antiAffinity("requiredDuringSchedulingIgnoredDuringExecution", index, "labelSelector"),
      selector: labelSelector,
    })),
    ...preferred.map(({ podAffinityTerm }, index) => ({
      path: antiAffinity("preferredDuringSchedulingIgnoredDuringExecution", index, "podAffinityTerm", "labelSelector"),
      selector: podAffinityTerm.labelSelector,
    })),
  ];
}

function checkSpread(maker: PodMaker): Violation | undefined {
  const selectors = findSpreadSelectors(maker);
  // A missing selector matches no pods.
  if (selectors.some(({ selector }) => selector && matchesSelector(selector, maker.labels))) return undefined;
  const [first] = selectors;
  if (first) return { path: first.path, message: "must select the workload's own pods" };
  const message = `has ${replicasText(maker)}, which may all run on one node`;
  return { path: maker.pod.path("topologySpreadConstraints"), message };
}

export const replicasSpread: ClusterRule = {
  subject: "cluster",
  id: "replicas-spread",
  title: "Replicas are spread over nodes, zones or regions",
  why: "Replicas on the same node are lost together when the node fails.",
  severity: "warning",
  remedy:
    "Spread the pods with SpreadAcrossNodes, SpreadAcrossZones, SpreadAcrossRegions or HighlyAvailable, or with a constraint whose selector matches the pods' own labels.",
  check: ({ objects }) =>
    podMakers(objects)
      .filter(isReplicated)
      .flatMap((maker) => {
        const violation = checkSpread(maker);
        return violation ? [{ object: maker.object, ...violation }] : [];
      }),
};
