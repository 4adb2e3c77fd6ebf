import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../../fleet/model";
import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetInput } from "../../../fleet/reading/schema";
import { type RenderedState, renderStates } from "../../../preview/rendering";

/** Kinds whose objects run pods. */
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"];

/** A workload, and what its placement depends on. */
export interface ScenarioWorkload {
  readonly object: KubeObject;
  readonly features: readonly string[];
}

/** What the live schedulers and the simulator are both given: a cluster, and workloads in order. */
export interface Scenario {
  readonly name: string;
  readonly cluster: ClusterSpec;
  readonly rendering: RenderedState;
  /** Objects that exist before the first workload. */
  readonly foundation: readonly KubeObject[];
  readonly workloads: readonly ScenarioWorkload[];
}

/** Name, namespace and kind of a workload. */
export const workloadName = ({ kind, metadata: { namespace, name } }: KubeObject): string =>
  `${kind} ${namespace}/${name}`;

/** One scenario for each cluster of a fleet, with the workloads that the fleet renders. */
export function fleetScenarios(input: FleetInput): Scenario[] {
  const fleet = parseFleet(input);
  const rendering = renderStates(fleet);
  return fleet.clusters.map((cluster, index) => {
    const rendered = rendering.clusters[index]!;
    const isWorkload = ({ kind }: KubeObject): boolean => WORKLOADS.includes(kind);
    return {
      name: `${fleet.name} ${cluster.name}`,
      cluster,
      rendering: rendered,
      foundation: rendered.objects.filter(
        (object) => !isWorkload(object) && object.kind !== "CustomResourceDefinition",
      ),
      workloads: rendered.objects.filter(isWorkload).map((object) => ({ object, features: [object.kind] })),
    };
  });
}
