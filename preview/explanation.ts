import { suggestName } from "../fleet/problem";
import type { WorkloadName } from "./report";
import type {
  Explanation,
  NodeScore,
  Outcome,
  RejectedNodes,
  SimulatedPod,
  SimulationReport,
} from "./simulator/protocol";
import { ownerOf, workloadKey } from "./workloads";

/** Version of {@link ExplanationReport}. Fields may be added within a version. */
export const EXPLANATION_VERSION = 1;

/** The weighted score of one plugin. */
export interface PluginPoints {
  readonly plugin: string;
  readonly score: number;
}

/** Nodes that can take the pod and score the same in every plugin. */
export interface FeasibleNodes {
  readonly nodes: readonly string[];
  readonly total: number;
  /** Points behind the best nodes. */
  readonly behind: number;
  readonly plugins: readonly PluginPoints[];
  /** The plugins that score these nodes differently from the best, the one that costs them most first. */
  readonly differences: readonly (PluginPoints & { readonly best: number })[];
}

/** Where a node is. */
export interface NodePlace {
  readonly name: string;
  readonly region: string;
  /** Empty for servers. */
  readonly pool: string;
}

/** Why a pod runs where it does, and what would have to change for it to run elsewhere. */
export interface ExplanationReport {
  readonly version: typeof EXPLANATION_VERSION;
  /** The workload or, of kind `Pod`, the pod that was asked for. */
  readonly subject: WorkloadName;
  readonly seed: number;
  /** Time of the snapshot that was explained, RFC 3339. Absent if the state was simulated. */
  readonly snapshot?: string;
  /** Kubernetes release whose scheduler ran. */
  readonly kubernetes: string;
  readonly scheduler: string;
  /**
   * Name of the pod that was explained: of a workload, one without a node if there is one. Absent for a DaemonSet, whose
   * pods are explained together, and for a workload without pods, of which one more pod is explained.
   */
  readonly pod?: string;
  /** Node that the pod has. */
  readonly node?: string;
  /** Why it has the node, in the scheduler's own words. */
  readonly why?: string;
  /** True if the pod waits for something to remove its scheduling gates. */
  readonly gated: boolean;
  /** The pods of the workload. */
  readonly pods: readonly { readonly name: string; readonly node?: string }[];
  /** The nodes with the highest score. If the pod were placed anew, it would get one of them. */
  readonly best: readonly string[];
  /** The nodes that can take the pod, the best first. */
  readonly feasible: readonly FeasibleNodes[];
  /** The nodes that cannot, those that the fewest plugins reject first. */
  readonly rejected: readonly RejectedNodes[];
  /** The nodes that the groups name. */
  readonly nodes: readonly NodePlace[];
  /** Problems of the input that the simulator reports. */
  readonly errors: readonly string[];
  /** What the simulator ignores and a cluster does not. */
  readonly notModelled: readonly string[];
}

function compareWithBest({ plugins = [] }: NodeScore, best: NodeScore): FeasibleNodes["differences"] {
  const scores = new Map(best.plugins?.map(({ plugin, score }) => [plugin, score]));
  return plugins
    .map(({ plugin, score }) => ({ plugin, score, best: scores.get(plugin) ?? 0 }))
    .filter(({ score, best }) => score !== best)
    .sort((a, b) => b.best - b.score - (a.best - a.score));
}

/** Groups nodes with equal scores in every plugin. The simulator has sorted them. */
export function groupScores(scores: readonly NodeScore[]): FeasibleNodes[] {
  const [best] = scores;
  const groups = new Map<string, FeasibleNodes & { readonly nodes: string[] }>();
  for (const score of scores) {
    const key = JSON.stringify(score.plugins);
    const group = groups.get(key);
    if (group) group.nodes.push(score.node);
    else
      groups.set(key, {
        nodes: [score.node],
        total: score.total,
        behind: best!.total - score.total,
        plugins: [...(score.plugins ?? [])],
        differences: compareWithBest(score, best!),
      });
  }
  return [...groups.values()];
}

/** Problems of the input, and what is not modelled, as lines. */
export function collectNotes({ findings = [], notModelled = [] }: Outcome): {
  readonly errors: string[];
  readonly notModelled: string[];
} {
  return {
    errors: findings
      .filter(({ severity }) => severity === "Error")
      .map(({ object, message }) => (object === undefined ? message : `${object}: ${message}`)),
    notModelled: notModelled.map(({ object, reason }) => `${object}: ${reason}`),
  };
}

export const placesOf = ({ nodes }: Outcome): NodePlace[] =>
  nodes.map(({ name, region = "", pool = "" }) => ({ name, region, pool }));

const isOf = (subject: WorkloadName) => {
  const key = workloadKey(subject);
  return (pod: SimulatedPod): boolean =>
    subject.kind === "Pod"
      ? pod.namespace === subject.namespace && pod.name === subject.name
      : workloadKey(ownerOf(pod)) === key;
};

/**
 * Builds the report from the simulator's explanation.
 *
 * @param subject pod or workload that was asked for
 * @throws Error if the simulator could not explain it, with why
 */
export function buildExplanation(
  subject: WorkloadName,
  { kubernetes, seed, after }: SimulationReport,
  snapshot?: string,
): ExplanationReport {
  const explained: Explanation = after.explanations![0]!;
  const notes = collectNotes(after);
  if (explained.error !== undefined) throw new Error([explained.error, ...notes.errors].join("\n  "));
  const pods = after.pods.filter(isOf(subject));
  const pod = pods.find(({ name }) => name === explained.pod?.name);
  const { scores = [], rejected = [], scheduler = "", node } = explained;
  const best = scores.filter(({ total }) => total === scores[0]!.total).map(({ node }) => node);
  return {
    version: EXPLANATION_VERSION,
    subject,
    seed,
    ...(snapshot !== undefined && { snapshot }),
    kubernetes,
    scheduler,
    ...(explained.pod && { pod: explained.pod.name }),
    ...(node !== undefined && node !== "" && { node }),
    ...(pod?.why !== undefined && { why: pod.why }),
    gated: pod?.status === "Gated",
    pods: pods.map(({ name, node }) => ({ name, ...(node !== undefined && { node }) })),
    best,
    feasible: groupScores(scores),
    rejected,
    nodes: placesOf(after),
    ...notes,
  };
}

/**
 * Reduces a report to one node.
 *
 * @throws Error if the cluster has no such node
 */
export function selectNode(report: ExplanationReport, node: string): ExplanationReport {
  const names = report.nodes.map(({ name }) => name);
  if (!names.includes(node)) throw new Error(`--node: unknown node ${JSON.stringify(node)}${suggestName(node, names)}`);
  const keep = <T extends { readonly nodes: readonly string[] }>(groups: readonly T[]): T[] =>
    groups.filter(({ nodes }) => nodes.includes(node)).map((group) => ({ ...group, nodes: [node] }));
  return { ...report, feasible: keep(report.feasible), rejected: keep(report.rejected) };
}

/** Whether the pod has a node; for a DaemonSet and a workload without pods, whether nodes can take all that it wants. */
export const hasNode = ({ pod, node, pods, best, gated }: ExplanationReport): boolean =>
  pod === undefined ? best.length > 0 && pods.every((each) => each.node !== undefined) : node !== undefined && !gated;
