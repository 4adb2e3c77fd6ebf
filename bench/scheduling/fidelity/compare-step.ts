import type { KubeObject } from "../../../fleet/kubernetes/object";
import {
  API_VERSION,
  type SimulatedPod,
  type SimulationReport,
  type SimulationRequest,
} from "../../../preview/simulator/protocol";
import { reduceCluster } from "../../../preview/snapshot";
import { type Comparison, comparePlacement, type Placement } from "./comparison";
import type { LivePod, LiveState } from "./live-cluster";
import { type Scenario, workloadName } from "./scenario";

/** Fixed, because ties do not count. */
const SEED = 1;

interface Step {
  readonly scenario: Scenario;
  /** Index of the workload that the step creates. */
  readonly index: number;
  readonly before: LiveState;
  readonly after: LiveState;
  readonly simulate: (request: SimulationRequest) => Promise<SimulationReport>;
}

type Fields = Readonly<Record<string, unknown>>;
type Placements = ReadonlyMap<string, Placement>;

const nameOf = ({ object }: LivePod): string => object.metadata.name!;
const uidOf = ({ object }: LivePod): unknown => (object.metadata as Fields).uid;
const isOnce = (kind: string): boolean => kind === "Job" || kind === "Pod";

/** The node that a DaemonSet's pod is for. */
function targetOf({ object }: LivePod): string {
  return /"key":"metadata.name","operator":"In","values":\["([^"]+)"\]/.exec(JSON.stringify(object.spec))?.[1] ?? "";
}

/**
 * The request that starts from a live state and adds the workload of a step: what `skerry preview --live` asks, with the
 * nodes that the fleet renders.
 *
 * @param settled pods of this step that have the node that they have live
 */
function buildRequest({ scenario, index, before, after }: Step, settled: readonly LivePod[]): SimulationRequest {
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
    ...running.map(({ object }) => ({ ...object, status: { phase: "Running" } })),
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

function placementOf(pod: SimulatedPod, { after }: SimulationReport): Placement {
  const scores = [pod.score, ...(pod.alternatives ?? [])]
    .flatMap((score) => (score ? [`${score.node} ${score.total} (${formatScores(score.plugins)})`] : []))
    .join("; ");
  return {
    ...(pod.node && { node: pod.node }),
    ...(pod.ties?.length && { ties: pod.ties }),
    reason: pod.verdict === undefined ? scores : after.unschedulable![pod.verdict]!.message,
  };
}

const formatScores = (plugins: readonly { readonly plugin: string; readonly score: number }[] = []): string =>
  plugins
    .filter(({ score }) => score !== 0)
    .map(({ plugin, score }) => `${plugin} ${score}`)
    .join(", ");

/** Placed pods come first: equal pods are interchangeable. */
const byPlacement = <T extends { readonly node?: string }>(pods: readonly T[]): T[] => [
  ...pods.filter(({ node }) => node),
  ...pods.filter(({ node }) => !node),
];

const ordinal = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 0);

/**
 * The new pods of a workload by what identifies them on both sides: the node that a DaemonSet's pod is for, the name of a
 * StatefulSet's pod, and the position of all others, whose names differ.
 */
function identify<T>(
  kind: string,
  pods: readonly T[],
  from: number,
  name: (pod: T) => string,
  target: (pod: T) => string,
) {
  const key = (pod: T, position: number): string =>
    kind === "DaemonSet" ? target(pod) : kind === "StatefulSet" ? name(pod) : String(from + position);
  return new Map(pods.map((pod, position) => [key(pod, position), pod]));
}

function livePods(kind: string, pods: readonly LivePod[]): Map<string, LivePod> {
  const sorted = [...pods].sort((one, other) => one.createdAt - other.createdAt);
  const listed =
    kind === "StatefulSet" ? sorted.sort((a, b) => ordinal(nameOf(a)) - ordinal(nameOf(b))) : byPlacement(sorted);
  return identify(kind, listed, 0, nameOf, targetOf);
}

/** The placements of a workload's new pods. Positions start at `from`. */
function simulatedPods(workload: string, report: SimulationReport, from: number): Placements {
  const kind = workload.split(" ")[0]!;
  const pods = report.after.pods
    .filter((pod) => pod.origin === "Created" && ownerOf(pod) === workload)
    .sort((one, other) => ordinal(one.name) - ordinal(other.name));
  const target = ({ name, revision = "" }: SimulatedPod): string =>
    name.slice(name.indexOf(`-${revision}-`) + revision.length + 2);
  const found = identify(kind, kind === "StatefulSet" ? pods : byPlacement(pods), from, ({ name }) => name, target);
  return new Map([...found].map(([key, pod]) => [key, placementOf(pod, report)]));
}

const ownerOf = ({ owner, namespace, name }: SimulatedPod & { readonly revision?: string }): string =>
  owner ? `${owner.kind} ${owner.namespace}/${owner.name}` : `Pod ${namespace}/${name}`;

const livePlacement = (pod: LivePod | undefined): Placement =>
  pod
    ? { ...(pod.node && { node: pod.node }), ...(pod.message !== undefined && { reason: pod.message }) }
    : { reason: "there is no such pod" };

/** The workloads that have new pods on either side: the one of the step first, then in the order of their first pod. */
function changedWorkloads(first: string, live: readonly LivePod[], report: SimulationReport): string[] {
  const ordered = [...live].sort((one, other) => one.createdAt - other.createdAt);
  const simulated = report.after.pods.filter(({ origin }) => origin === "Created");
  return [...new Set([first, ...ordered.map(({ workload }) => workload), ...simulated.map(ownerOf)])];
}

/**
 * Compares what happened when a workload was created with what the simulator says: the workload's own pods, and those
 * that its creation let in or pushed out.
 *
 * The schedulers break ties at random, and each pod depends on the ones before it. So where both sides differ, the
 * simulation starts anew with that pod where it is live. A difference is counted once, without what follows from it.
 */
export async function compareStep(step: Step): Promise<Comparison[]> {
  const { scenario, index, before, after, simulate } = step;
  const { nodes } = scenario.rendering;
  const regions = new Map(
    nodes.map(({ metadata }) => [metadata.name, metadata.labels?.["topology.kubernetes.io/region"]]),
  );
  const featuresOf = new Map(scenario.workloads.map(({ object, features }) => [workloadName(object), features]));
  const placedBefore = new Set(before.pods.filter(({ node }) => node !== undefined).map(uidOf));
  const pendingBefore = new Set(before.pods.filter(({ node }) => node === undefined).map(uidOf));
  const fresh = after.pods.filter((pod) => !placedBefore.has(uidOf(pod)));
  const settled: LivePod[] = [];
  const comparisons: Comparison[] = [];
  let report = await simulate(buildRequest(step, settled));
  for (const workload of changedWorkloads(workloadName(scenario.workloads[index]!.object), fresh, report)) {
    const live = livePods(
      workload.split(" ")[0]!,
      fresh.filter((pod) => pod.workload === workload),
    );
    const settledBefore = settled.length;
    let simulated = simulatedPods(workload, report, 0);
    for (const [key, pod] of live) {
      const compared = comparePlacement(
        livePlacement(pod),
        simulated.get(key) ?? { reason: "there is no such pod" },
        (node) => regions.get(node),
      );
      // A pod that waited before and still does was compared before.
      if (!(compared.outcome === "refused" && pendingBefore.has(uidOf(pod))))
        comparisons.push({ scenario: scenario.name, workload, features: featuresOf.get(workload) ?? [], ...compared });
      if (pod.node === undefined) continue;
      settled.push(pod);
      if (pod.node === compared.simulated.node) continue;
      report = await simulate(buildRequest(step, settled));
      simulated = simulatedPods(workload, report, settled.length - settledBefore);
    }
    for (const [key, placement] of simulated) {
      if (live.has(key) || placement.node === undefined) continue;
      const compared = comparePlacement(livePlacement(undefined), placement, (node) => regions.get(node));
      comparisons.push({ scenario: scenario.name, workload, features: featuresOf.get(workload) ?? [], ...compared });
    }
  }
  return comparisons;
}
