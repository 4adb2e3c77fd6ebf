import type { SimulatedPod, SimulationReport } from "../../../preview/simulator/protocol";
import type { Placement } from "./comparison";
import type { LivePod } from "./live-cluster";

/** The node that a DaemonSet's pod is for. */
function targetOf({ object }: LivePod): string {
  return /"key":"metadata.name","operator":"In","values":\["([^"]+)"\]/.exec(JSON.stringify(object.spec))?.[1] ?? "";
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
 * Identifies pods on both sides: by the node that a DaemonSet's pod is for, or else by position. Pods of a workload are
 * interchangeable, their names differ, and the StatefulSet controller creates them in any order if they are parallel.
 */
function identify<T extends { readonly node?: string }>(
  workload: string,
  pods: readonly T[],
  from: number,
  target: (pod: T) => string,
): Map<string, T> {
  const byTarget = workload.startsWith("DaemonSet ");
  return new Map(
    byPlacement(pods).map((pod, position) => [byTarget ? target(pod) : String(from + position), pod] as const),
  );
}

/** The new pods of a workload in the lab, in the order of their creation. */
export const livePods = (workload: string, pods: readonly LivePod[]): Map<string, LivePod> =>
  identify(
    workload,
    [...pods].sort((one, other) => one.createdAt - other.createdAt),
    0,
    targetOf,
  );

/** The placements of a workload's new pods. Positions start at `from`. */
export function simulatedPods(workload: string, report: SimulationReport, from: number): Map<string, Placement> {
  const pods = report.after.pods
    .filter((pod) => pod.origin === "Created" && ownerOf(pod) === workload)
    .sort((one, other) => ordinal(one.name) - ordinal(other.name));
  const target = ({ name, revision = "" }: SimulatedPod): string =>
    name.slice(name.indexOf(`-${revision}-`) + revision.length + 2);
  return new Map([...identify(workload, pods, from, target)].map(([key, pod]) => [key, placementOf(pod, report)]));
}

/** The workload of a simulated pod: the pod itself if nothing owns it. */
export const ownerOf = ({ owner, namespace, name }: SimulatedPod): string =>
  owner ? `${owner.kind} ${owner.namespace}/${owner.name}` : `Pod ${namespace}/${name}`;
