import type { ExpectedWorkload, PreviewReport } from "../report";
import type { Disagreement } from "./agreement";
import type { ObservedCluster, ObservedPod } from "./observation";
import type { Pair } from "./workload";

type Causes = Disagreement["causes"][number][];

/** What the causes of a disagreement are looked for in. */
export interface CauseContext {
  readonly report: PreviewReport;
  readonly cluster: string;
  readonly observed: ObservedCluster;
  /** Nodes that the report has. */
  readonly nodes: ReadonlySet<string>;
  /** Pods by node of workloads that the report does not have. */
  readonly otherPods: ReadonlyMap<string, number>;
  /** Pods of the cluster that run on another node with the same score. */
  readonly ties: number;
}

const plural = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

/** Causes that the workload, its pods or their nodes show. */
function findEvidence(
  { template, nodes: placed, ties = [], pending = 0 }: ExpectedWorkload,
  { expected, found, pod }: Pair,
  pods: readonly ObservedPod[],
  { observed, nodes, otherPods }: CauseContext,
): Causes {
  const causes: Causes = [];
  const desired = placed.length + ties.length + pending;
  if (pods.length !== desired)
    causes.push({
      cause: "ReplicasDiffer",
      message: `the workload has ${plural(pods.length, "pod")}, the report ${desired}`,
    });
  if (pod && template !== undefined && pod.template !== template)
    causes.push({
      cause: "TemplateDiffers",
      message: "its images, requests, node selector, scheduler or priority class differ from those in the report",
    });
  if (pod?.removedNode !== undefined)
    causes.push({
      cause: "NodeRemoved",
      message: `node ${pod.removedNode} no longer exists; the cluster will replace the pod: verify again in a minute`,
    });
  const node = expected?.node;
  if (node !== undefined && !observed.nodes.has(node))
    causes.push({ cause: "NodeMissing", message: `node ${node} does not exist` });
  else if (node !== undefined && observed.unavailable.has(node))
    causes.push({ cause: "NodeUnavailable", message: `node ${node} is not ready or cordoned` });
  if (found?.node !== undefined && !nodes.has(found.node))
    causes.push({ cause: "NodeNew", message: `node ${found.node} is not in the report` });
  const others = node === undefined ? 0 : (otherPods.get(node) ?? 0);
  if (others > 0)
    causes.push({
      cause: "OtherPods",
      message: `node ${node} runs ${plural(others, "pod")} of workloads that the report does not have`,
    });
  return causes;
}

/** Pods of two schedulers that start within this time were placed concurrently, in ms. Start times are in whole seconds. */
const CONCURRENT_MS = 5_000;

/** Counts the pods that another scheduler placed at the same time. Each scheduler then decides without the other's choices. */
function countConcurrent({ startedAt, scheduler }: ObservedPod, { pods }: ObservedCluster): number {
  if (startedAt === undefined) return 0;
  return [...pods.values()]
    .flat()
    .filter(
      (other) =>
        other.scheduler !== scheduler &&
        other.startedAt !== undefined &&
        Math.abs(other.startedAt - startedAt) <= CONCURRENT_MS,
    ).length;
}

/** Causes that are possible in the whole cluster. */
function findPossibilities({ pod }: Pair, { report, cluster, observed, ties }: CauseContext): Causes {
  const causes: Causes = [];
  const concurrent = pod ? countConcurrent(pod, observed) : 0;
  if (concurrent > 0)
    causes.push({
      cause: "ConcurrentPlacement",
      message: `another scheduler placed ${plural(concurrent, "pod")} at the same time; the report places one pod after the other`,
    });
  const ignored = report.notModelled.filter((line) => line.startsWith(`${cluster}: `)).length;
  if (ignored > 0)
    causes.push({
      cause: "NotModelled",
      message: `the report names ${plural(ignored, "object")} that it does not model`,
    });
  if (ties > 0)
    causes.push({
      cause: "AfterTie",
      message: `${plural(ties, "pod")} of the cluster went to another node with the same score, on which later decisions depend`,
    });
  if (observed.measured)
    causes.push({
      cause: "MeasuredLoad",
      message:
        report.snapshot === undefined
          ? "the cluster measures load, and the report knows requests only"
          : `the load of nodes has been measured again since the snapshot of ${report.snapshot}`,
    });
  if (report.snapshot === undefined)
    causes.push({
      cause: "SimulatedStart",
      message:
        "the report starts from a simulated state: pods that the change leaves alone may have run elsewhere before it",
    });
  return causes;
}

/** Explains a disagreement: by what the cluster shows, otherwise by what is possible, otherwise not. */
export function findCauses(
  workload: ExpectedWorkload,
  pair: Pair,
  pods: readonly ObservedPod[],
  context: CauseContext,
): Disagreement["causes"] {
  const evidence = findEvidence(workload, pair, pods, context);
  if (evidence.length > 0) return evidence;
  const possible = findPossibilities(pair, context);
  return possible.length > 0 ? possible : [{ cause: "Unknown", message: "the cluster shows no cause" }];
}
