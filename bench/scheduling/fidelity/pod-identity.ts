import type { SimulatedPod, SimulationReport } from "../../../preview/simulator/protocol";
import type { Placement } from "./comparison";
import type { LivePod } from "./live-cluster";

const nameOf = ({ object }: LivePod): string => object.metadata.name!;

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

const kindOf = (workload: string): string => workload.split(" ")[0]!;

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

/** The new pods of a workload in the lab. */
export function livePods(workload: string, pods: readonly LivePod[]): Map<string, LivePod> {
  const kind = kindOf(workload);
  const sorted = [...pods].sort((one, other) => one.createdAt - other.createdAt);
  const listed =
    kind === "StatefulSet" ? sorted.sort((a, b) => ordinal(nameOf(a)) - ordinal(nameOf(b))) : byPlacement(sorted);
  return identify(kind, listed, 0, nameOf, targetOf);
}

/** The placements of a workload's new pods. Positions start at `from`. */
export function simulatedPods(workload: string, report: SimulationReport, from: number): Map<string, Placement> {
  const kind = kindOf(workload);
  const pods = report.after.pods
    .filter((pod) => pod.origin === "Created" && ownerOf(pod) === workload)
    .sort((one, other) => ordinal(one.name) - ordinal(other.name));
  const target = ({ name, revision = "" }: SimulatedPod): string =>
    name.slice(name.indexOf(`-${revision}-`) + revision.length + 2);
  const found = identify(kind, kind === "StatefulSet" ? pods : byPlacement(pods), from, ({ name }) => name, target);
  return new Map([...found].map(([key, pod]) => [key, placementOf(pod, report)]));
}

/** The workload of a simulated pod: the pod itself if nothing owns it. */
export const ownerOf = ({ owner, namespace, name }: SimulatedPod): string =>
  owner ? `${owner.kind} ${owner.namespace}/${owner.name}` : `Pod ${namespace}/${name}`;
