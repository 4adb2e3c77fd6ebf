import type { CoreV1Api, V1Node, V1Pod } from "@kubernetes/client-node";

import { EDGE_AGENT, EDGE_AGENT_PORT } from "../../charts/edge-data/edge-agent";
import { EDGE_INGEST_PORT } from "../../charts/edge-data/edge-ingest";
import { EDGE_INGEST } from "../../fleet/edge-data/agent-nodes";
import { isLoopback, isReady, isSimulated } from "./conditions";
import { parseSamples, type Sample } from "./prometheus-text";
import type { EdgeAgentStatus, EdgeIngestStatus } from "./report";

/** The metrics of a pod. */
export interface PodMetrics {
  readonly pod: V1Pod;
  /** Undefined if the pod does not answer. */
  readonly text: string | undefined;
  /** Whether the lab simulates the pod, so that nothing can answer. */
  readonly simulated?: boolean;
}

/** Requests that wait for answers at the same time. */
const PARALLEL = 16;
/** How long a pod may take to answer. An agent that is offline never does. */
const TIMEOUT_MS = 5_000;

const PORTS: Readonly<Record<string, number>> = { [EDGE_AGENT]: EDGE_AGENT_PORT, [EDGE_INGEST]: EDGE_INGEST_PORT };

const programOf = ({ metadata }: V1Pod): string => metadata?.labels?.["app.kubernetes.io/name"] ?? "";

const inTime = <T>(request: Promise<T>): Promise<T | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), TIMEOUT_MS);
    request.then(resolve, () => resolve(undefined)).finally(() => clearTimeout(timer));
  });

/** Reads the metrics of a pod, through its API server. */
async function readMetrics(core: CoreV1Api, pod: V1Pod): Promise<string> {
  const port = PORTS[programOf(pod)];
  const address = pod.status?.podIP ?? "";
  if (isLoopback(address)) return (await fetch(`http://${address}:${port}/metrics`)).text();
  const { name, namespace = "" } = pod.metadata ?? {};
  return core.connectGetNamespacedPodProxyWithPath({ name: `${name}:${port}`, namespace, path: "metrics" });
}

/**
 * Reads the metrics of edge agents and ingests.
 *
 * @param nodes the nodes of the cluster. Programs on nodes that are not ready are not asked, because each would take the whole time
 */
export async function readEdgeMetrics(
  core: CoreV1Api,
  pods: readonly V1Pod[],
  nodes: readonly V1Node[],
): Promise<PodMetrics[]> {
  const byName = new Map(nodes.map((node) => [node.metadata?.name, node]));
  const wanted = pods.filter((pod) => programOf(pod) in PORTS && pod.status?.phase === "Running");
  const read: PodMetrics[] = [];
  const queue = wanted.entries();
  const work = async (): Promise<void> => {
    for (const [index, pod] of queue) {
      const node = byName.get(pod.spec?.nodeName);
      const simulated = isSimulated(pod, node);
      const asked = node !== undefined && isReady(node) && !simulated;
      read[index] = { pod, simulated, text: asked ? await inTime(readMetrics(core, pod)) : undefined };
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return read;
}

/** Values of one program, by the name of the metric without the program's prefix. */
class Values {
  constructor(
    private readonly samples: readonly Sample[],
    private readonly prefix: string,
  ) {}

  /** Returns the sum of a metric's samples that have some labels; 0 if there are none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.samples
      .filter((each) => each.name === this.prefix + name)
      .filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))
      .reduce((total, { value }) => total + value, 0);
  }

  /** Returns a time in seconds since 1970 as RFC 3339. Undefined if the metric is 0. */
  time(name: string): string | undefined {
    const seconds = this.sum(name);
    return seconds > 0 ? new Date(seconds * 1000).toISOString() : undefined;
  }

  /** Returns the values of a label, sorted. */
  labels(name: string, label: string): string[] {
    const all = this.samples.filter((each) => each.name === this.prefix + name).map((each) => each.labels[label] ?? "");
    return [...new Set(all)].sort();
  }
}

function toAgent(cluster: string, { pod, text }: PodMetrics, regionOf: ReadonlyMap<string, string>): EdgeAgentStatus {
  const node = pod.spec?.nodeName ?? "";
  const region = regionOf.get(node) ?? "";
  const name = pod.metadata?.labels?.["app.kubernetes.io/instance"] ?? "";
  if (text === undefined) return { cluster, name, node, region, answers: false, classes: [] };
  const values = new Values(parseSamples(text), "skerry_edge_agent_");
  const last = values.time("last_acknowledgement_timestamp_seconds");
  return {
    ...{ cluster, name, node, region },
    answers: true,
    connected: values.sum("connected") === 1,
    ...(last !== undefined && { lastAcknowledgement: last }),
    classes: values.labels("queue_depth", "class").map((label) => {
      const of = (metric: string): number => values.sum(metric, { class: label });
      return {
        name: label,
        depth: of("queue_depth"),
        oldestSeconds: of("oldest_message_age_seconds"),
        bytes: of("queue_bytes"),
        maxBytes: of("queue_max_bytes"),
        lost: of("messages_lost_total"),
        refused: of("messages_refused_total"),
      };
    }),
  };
}

function toIngest(cluster: string, { pod, text }: PodMetrics): EdgeIngestStatus {
  const name = pod.metadata?.name ?? "";
  if (text === undefined) return { cluster, name, answers: false };
  const values = new Values(parseSamples(text), "skerry_edge_ingest_");
  const last = values.time("last_commit_timestamp_seconds");
  return {
    ...{ cluster, name },
    answers: true,
    connected: values.sum("connected") === 1,
    stored: values.sum("messages_total"),
    duplicates: values.sum("duplicates_total"),
    rejected: values.sum("rejected_total"),
    missing: values.sum("missing_messages"),
    ...(last !== undefined && { lastCommit: last }),
  };
}

/** Derives the status of edge data from the metrics of its programs. */
export function edgeDataStatus(
  cluster: string,
  metrics: readonly PodMetrics[],
  regionOf: ReadonlyMap<string, string>,
): { readonly edgeAgents: EdgeAgentStatus[]; readonly edgeIngests: EdgeIngestStatus[] } {
  const of = (program: string): PodMetrics[] => metrics.filter(({ pod }) => programOf(pod) === program);
  const mark = <T>({ simulated }: PodMetrics, status: T): T => (simulated ? { ...status, simulated } : status);
  return {
    edgeAgents: of(EDGE_AGENT).map((each) => mark(each, toAgent(cluster, each, regionOf))),
    edgeIngests: of(EDGE_INGEST).map((each) => mark(each, toIngest(cluster, each))),
  };
}
