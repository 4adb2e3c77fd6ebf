import { readdir } from "node:fs/promises";

import type { KubeConfig, V1Node, V1Pod, V1StatefulSet, VersionInfo } from "@kubernetes/client-node";

import { describeFailure } from "../../components/clusters/kubeconfig";
import { CONTROL_PLANE, labels } from "../../fleet/labels";
import { kubeconfigFolder } from "../folders";
import { openKubeconfig } from "../kubeconfigs";
import { isReady, isSimulated } from "./conditions";
import { edgeDataStatus, type PodMetrics, readEdgeMetrics } from "./edge-data";
import { collectExpiries } from "./expiries";
import { measuredLinksStatus, readMeasuredLinks } from "./measured-links";
import type {
  BrokerStatus,
  ClusterStatus,
  EdgeAgentStatus,
  EdgeIngestStatus,
  ExpiryStatus,
  MeasuredLinksStatus,
  NodeStatus,
  PodStatus,
  StatusReport,
  UnplacedPod,
} from "./report";

const BROKERS = "app.kubernetes.io/name=mosquitto";

function toNodeStatus(cluster: string, node: V1Node): NodeStatus {
  const { metadata } = node;
  const nodeLabels = metadata?.labels ?? {};
  return {
    cluster,
    name: metadata?.name ?? "",
    region: nodeLabels[labels.topologyRegion] ?? nodeLabels[labels.edgeRegion] ?? "",
    device: nodeLabels[labels.deviceType] ?? "",
    pool: nodeLabels[labels.nodePool] ?? "",
    role: CONTROL_PLANE in nodeLabels ? "server" : "agent",
    ready: isReady(node),
  };
}

/** Converts a pod. One whose node has been removed is not placed: it stays bound until the cluster collects it. */
function toPodStatus(cluster: string, pod: V1Pod, regionOf: Map<string, string>): PodStatus {
  const { metadata, spec, status } = pod;
  const node = spec?.nodeName ?? "";
  const region = regionOf.get(node);
  return {
    cluster,
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    ...(region === undefined ? {} : { node, region }),
    phase: status?.phase ?? "Unknown",
    ready: region !== undefined && isReady(pod),
    scheduler: spec?.schedulerName ?? "",
  };
}

/** Reports whether a pod of a DaemonSet is on a node that was removed: nothing replaces it, and the cluster deletes it later. */
const endedWithNode = ({ metadata, spec }: V1Pod, exists: (node: string) => boolean): boolean =>
  spec?.nodeName !== undefined &&
  !exists(spec.nodeName) &&
  (metadata?.ownerReferences?.some(({ kind }) => kind === "DaemonSet") ?? false);

function toUnplacedPod(cluster: string, { metadata, spec, status }: V1Pod): UnplacedPod {
  const condition = status?.conditions?.find(({ type, status: value }) => type === "PodScheduled" && value === "False");
  const scheduler = spec?.schedulerName ?? "";
  const waiting = condition?.message ?? `not yet processed by scheduler "${scheduler}"`;
  return {
    cluster,
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    scheduler,
    reason: spec?.nodeName ? `node ${spec.nodeName} no longer exists; the cluster will delete the pod` : waiting,
  };
}

/** Edge brokers require a region. The region of the cloud broker is that of its pod. */
function toBrokerStatus(
  cluster: string,
  { metadata, spec, status }: V1StatefulSet,
  pods: readonly PodStatus[],
): BrokerStatus {
  const { name = "", namespace = "" } = metadata ?? {};
  const requiredRegion = spec?.template.metadata?.labels?.[labels.requiredRegion];
  const pod = pods.find((candidate) => candidate.namespace === namespace && candidate.name === `${name}-0`);
  return {
    cluster,
    namespace,
    name,
    region: requiredRegion ?? pod?.region ?? "",
    role: requiredRegion ? "edge" : "cloud",
    ready: (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1),
  };
}

/** What the API server of a cluster returns. */
export interface ClusterObjects {
  readonly nodes: readonly V1Node[];
  readonly pods: readonly V1Pod[];
  /** StatefulSets of MQTT brokers. */
  readonly brokers: readonly V1StatefulSet[];
  /** Metrics of edge agents and ingests. @default [] */
  readonly edgeMetrics?: readonly PodMetrics[];
  /** What `readMeasuredLinks` returned. @default - none */
  readonly measuredLinks?: string;
  readonly expiries: readonly Omit<ExpiryStatus, "cluster">[];
}

interface ClusterInventory {
  readonly cluster: ClusterStatus;
  readonly nodes: readonly NodeStatus[];
  readonly pods: readonly PodStatus[];
  readonly brokers: readonly BrokerStatus[];
  readonly edgeAgents: readonly EdgeAgentStatus[];
  readonly edgeIngests: readonly EdgeIngestStatus[];
  readonly measuredLinks: readonly MeasuredLinksStatus[];
  readonly unplaced: readonly UnplacedPod[];
  readonly expiries: readonly ExpiryStatus[];
}

/** Derives the status of a reachable cluster from its objects. */
export function takeInventory(
  name: string,
  endpoint: string,
  { gitVersion }: Pick<VersionInfo, "gitVersion">,
  objects: ClusterObjects,
): ClusterInventory {
  const nodes = objects.nodes.map((node) => toNodeStatus(name, node));
  const regionOf = new Map(nodes.map((node) => [node.name, node.region]));
  const live = objects.pods.filter(
    (pod) =>
      pod.status?.phase !== "Succeeded" &&
      pod.status?.phase !== "Failed" &&
      !endedWithNode(pod, (node) => regionOf.has(node)),
  );
  const pods = live.map((pod) => toPodStatus(name, pod, regionOf));
  const brokers = objects.brokers.map((set) => toBrokerStatus(name, set, pods));
  const agents = nodes.filter(({ role }) => role === "agent");
  const nodeNamed = new Map(objects.nodes.map((node) => [node.metadata?.name, node]));
  const running = live.filter((pod) => !isSimulated(pod, nodeNamed.get(pod.spec?.nodeName)));
  return {
    cluster: {
      name,
      endpoint,
      reachable: true,
      kubernetesVersion: gitVersion,
      servers: nodes.length - agents.length,
      nodes: agents.length,
      nodesReady: agents.filter(({ ready }) => ready).length,
      regions: [...new Set(agents.map(({ region }) => region))].filter(Boolean).sort(),
      pods: pods.length,
      podsPlaced: pods.filter(({ node }) => node).length,
      podsReady: pods.filter(({ ready }) => ready).length,
      brokers: brokers.length,
      brokersReady: brokers.filter(({ ready }) => ready).length,
    },
    nodes,
    pods,
    brokers,
    ...edgeDataStatus(name, objects.edgeMetrics ?? [], regionOf),
    measuredLinks: measuredLinksStatus(name, running, regionOf, objects.measuredLinks),
    unplaced: live.filter((_, index) => pods[index]!.node === undefined).map((pod) => toUnplacedPod(name, pod)),
    expiries: objects.expiries.map((expiry) => ({ cluster: name, ...expiry })),
  };
}

async function inspect(name: string, config: KubeConfig): Promise<ClusterInventory> {
  const { AppsV1Api, CoreV1Api, VersionApi } = await loadClient();
  const core = config.makeApiClient(CoreV1Api);
  const [version, nodes, pods, brokers, links, expiries] = await Promise.all([
    config.makeApiClient(VersionApi).getCode(),
    core.listNode(),
    core.listPodForAllNamespaces(),
    config.makeApiClient(AppsV1Api).listStatefulSetForAllNamespaces({ labelSelector: BROKERS }),
    readMeasuredLinks(core),
    collectExpiries(core, config),
  ]);
  const edgeMetrics = await readEdgeMetrics(core, pods.items, nodes.items);
  return takeInventory(name, config.getCurrentCluster()?.server ?? "", version, {
    ...{ nodes: nodes.items, pods: pods.items, brokers: brokers.items, edgeMetrics, expiries },
    ...(links !== undefined && { measuredLinks: links }),
  });
}

function unreachableInventory(name: string, config: KubeConfig, error: unknown): ClusterInventory {
  const none = {
    servers: 0,
    nodes: 0,
    nodesReady: 0,
    regions: [],
    pods: 0,
    podsPlaced: 0,
    podsReady: 0,
    brokers: 0,
    brokersReady: 0,
  };
  const problem = describeFailure(error);
  const endpoint = config.getCurrentCluster()?.server ?? "";
  return {
    cluster: { name, endpoint, reachable: false, problem, ...none },
    nodes: [],
    pods: [],
    brokers: [],
    edgeAgents: [],
    edgeIngests: [],
    measuredLinks: [],
    unplaced: [],
    expiries: [],
  };
}

/** Loads the client. It is large, so only commands that connect to clusters load it. */
const loadClient = async () => import("@kubernetes/client-node");

async function inspectFile(name: string): Promise<ClusterInventory> {
  const config = await openKubeconfig(name);
  return inspect(name, config).catch((error: unknown) => unreachableInventory(name, config, error));
}

type Named = { readonly cluster?: string; readonly namespace?: string; readonly name: string };
const key = ({ cluster = "", namespace = "", name }: Named): string => [cluster, namespace, name].join("\0");
const sortByName = <T extends Named>(items: readonly T[]): T[] => [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));

/**
 * Collects the status of every cluster with a kubeconfig in `.skerry/kubeconfig`. Unreachable clusters are reported as
 * such.
 */
export async function collectStatus(): Promise<StatusReport> {
  const names = await readdir(kubeconfigFolder).catch(() => [] as string[]);
  if (names.length === 0) {
    throw new Error(
      `no kubeconfigs found in ${kubeconfigFolder}; run "npx skerry up", or "npx skerry kubeconfig" for a deployed stack`,
    );
  }
  const inventories = await Promise.all(names.sort().map(inspectFile));
  return {
    version: 1,
    clusters: sortByName(inventories.map(({ cluster }) => cluster)),
    nodes: sortByName(inventories.flatMap(({ nodes }) => nodes)),
    pods: sortByName(inventories.flatMap(({ pods }) => pods)),
    brokers: sortByName(inventories.flatMap(({ brokers }) => brokers)),
    edgeAgents: sortByName(inventories.flatMap(({ edgeAgents }) => edgeAgents)),
    edgeIngests: sortByName(inventories.flatMap(({ edgeIngests }) => edgeIngests)),
    // One per cluster, in the order of their names.
    measuredLinks: inventories.flatMap(({ measuredLinks }) => measuredLinks),
    unplaced: sortByName(inventories.flatMap((inventory) => inventory.unplaced)),
    expiries: inventories
      .flatMap(({ expiries }) => expiries)
      .sort((a, b) => (a.expires + key(a) < b.expires + key(b) ? -1 : 1)),
  };
}
