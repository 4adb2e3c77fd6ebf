import type { KubeObject } from "../../../fleet/kubernetes/object";
import { API_VERSION, type SimulationRequest } from "../../../preview/simulator/protocol";
import { reduceCluster } from "../../../preview/snapshot";
import type { LivePod, LiveState } from "./live-cluster";
import { type Scenario, workloadName } from "./scenario";

/** Fixed, because ties do not count. */
const SEED = 1;

type Fields = Readonly<Record<string, unknown>>;

/** The creation of one workload of a scenario. */
export interface Creation {
  readonly scenario: Scenario;
  readonly index: number;
  /** What ran before, and what runs now that nothing changes any more. */
  readonly before: LiveState;
  readonly after: LiveState;
}

export const uidOf = ({ object }: LivePod): unknown => (object.metadata as Fields).uid;

const isOnce = (kind: string): boolean => kind === "Job" || kind === "Pod";

/**
 * The request that starts from a live state and adds the workload of a step: what `skerry preview --live` asks, with the
 * nodes that the fleet renders.
 *
 * @param settled pods of this step that have the node that they have live
 */
export function liveRequest(
  { scenario, index, before, after }: Creation,
  settled: readonly LivePod[],
): SimulationRequest {
  const { rendering, foundation, workloads } = scenario;
  const latest = Math.max(0, ...settled.map(({ boundAt = 0 }) => boundAt));
  const goneBy = new Map(after.deleted.map((pod) => [uidOf(pod), pod.deletedAt!]));
  const kept = before.pods.filter((pod) => !pod.finished && !((goneBy.get(uidOf(pod)) ?? Infinity) < latest));
  const running = [...kept.filter(({ node }) => node !== undefined), ...settled];
  const ofRunning = JSON.stringify(running.map(({ object }) => (object.spec as Fields).volumes));
  const existed = new Set(before.volumes.map(({ metadata }) => metadata.name));
  const isClaimed = ({ metadata, spec }: KubeObject): boolean => {
    const claim = ((spec as Fields).claimRef as { readonly name: string } | undefined)?.name ?? metadata.name;
    return existed.has(metadata.name) || ofRunning.includes(`"claimName":"${claim}"`);
  };
  const observed = reduceCluster(scenario.cluster.name, [
    // The pod of a Job ends at once in the lab, and stays in the simulation.
    ...running.map(({ object }) => ({
      ...object,
      status: { ...(object.status as Fields), phase: "Running" },
    })),
    ...after.volumes.filter(isClaimed),
  ]);
  // A Job that has finished and a pod that is gone are not created anew.
  const isActive = (object: KubeObject): boolean =>
    !isOnce(object.kind) || kept.some(({ workload }) => workload === workloadName(object));
  const earlier = workloads.slice(0, index).map(({ object }) => object);
  const objects = [...foundation, ...earlier.filter(isActive), ...observed.objects];
  const state = { nodes: rendering.nodes, schedulerConfigurations: rendering.schedulerConfigurations };
  const added = workloads[index]!.object;
  return {
    apiVersion: API_VERSION,
    kind: "SimulationRequest",
    cluster: scenario.cluster.name,
    before: {
      ...state,
      objects: settled.length > 0 ? [...objects, added] : objects,
      runningPods: observed.pods,
    },
    after: { ...state, objects: [...objects, added] },
    options: { seed: SEED, now: new Date().toISOString() },
  };
}
