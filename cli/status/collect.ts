import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { KubeConfig, V1Node, V1Pod, V1StatefulSet } from "@kubernetes/client-node";

import { labels } from "../../fleet/labels";
import { kubeconfigFolder } from "../folders";
import type { BrokerStatus, ClusterStatus, NodeStatus, PodStatus, StatusReport, UnplacedPod } from "./report";

const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";
const BROKERS = "app.kubernetes.io/name=mosquitto";

const isTrue = (conditions: { type: string; status: string }[] | undefined, type: string): boolean =>
  conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;

function nodeStatus(cluster: string, { metadata, status }: V1Node): NodeStatus {
  const has = metadata?.labels ?? {};
  return {
    cluster,
    name: metadata?.name ?? "",
    region: has[labels.topologyRegion] ?? has[labels.edgeRegion] ?? "",
    device: has[labels.deviceType] ?? "",
    pool: has[labels.nodePool] ?? "",
    role: CONTROL_PLANE in has ? "server" : "agent",
    ready: isTrue(status?.conditions, "Ready"),
  };
}

function podStatus(cluster: string, { metadata, spec, status }: V1Pod, regionOf: Map<string, string>): PodStatus {
  const node = spec?.nodeName;
  return {
    cluster,
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    ...(node ? { node, region: regionOf.get(node) ?? "" } : {}),
    phase: status?.phase ?? "Unknown",
    ready: isTrue(status?.conditions, "Ready"),
    scheduler: spec?.schedulerName ?? "",
  };
}

function unplaced(cluster: string, { metadata, spec, status }: V1Pod): UnplacedPod {
  const verdict = status?.conditions?.find(({ type, status: value }) => type === "PodScheduled" && value === "False");
  const scheduler = spec?.schedulerName ?? "";
  return {
    cluster,
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    scheduler,
    reason: verdict?.message ?? `no word yet from scheduler "${scheduler}"`,
  };
}

/** A broker bound to a region stands at the edge; the cloud's stands where its pod was placed. */
function brokerStatus(
  cluster: string,
  { metadata, spec, status }: V1StatefulSet,
  pods: readonly PodStatus[],
): BrokerStatus {
  const { name = "", namespace = "" } = metadata ?? {};
  const bound = spec?.template.metadata?.labels?.[labels.requiredRegion];
  const pod = pods.find((each) => each.namespace === namespace && each.name === `${name}-0`);
  return {
    cluster,
    namespace,
    name,
    region: bound ?? pod?.region ?? "",
    role: bound ? "edge" : "cloud",
    ready: (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1),
  };
}

interface ClusterFindings {
  readonly cluster: ClusterStatus;
  readonly nodes: readonly NodeStatus[];
  readonly pods: readonly PodStatus[];
  readonly brokers: readonly BrokerStatus[];
  readonly unplaced: readonly UnplacedPod[];
}

async function inspect(name: string, config: KubeConfig): Promise<ClusterFindings> {
  const { AppsV1Api, CoreV1Api, VersionApi } = await kubernetes();
  const core = config.makeApiClient(CoreV1Api);
  const [version, nodeList, podList, sets] = await Promise.all([
    config.makeApiClient(VersionApi).getCode(),
    core.listNode(),
    core.listPodForAllNamespaces(),
    config.makeApiClient(AppsV1Api).listStatefulSetForAllNamespaces({ labelSelector: BROKERS }),
  ]);
  const nodes = nodeList.items.map((node) => nodeStatus(name, node));
  const regionOf = new Map(nodes.map((node) => [node.name, node.region]));
  const live = podList.items.filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
  const pods = live.map((pod) => podStatus(name, pod, regionOf));
  const brokers = sets.items.map((set) => brokerStatus(name, set, pods));
  const agents = nodes.filter(({ role }) => role === "agent");
  return {
    cluster: {
      name,
      endpoint: config.getCurrentCluster()?.server ?? "",
      reachable: true,
      kubernetesVersion: version.gitVersion,
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
    unplaced: live.filter(({ spec }) => !spec?.nodeName).map((pod) => unplaced(name, pod)),
  };
}

function unreachable(name: string, config: KubeConfig, error: unknown): ClusterFindings {
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
  const problem =
    error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
  const endpoint = config.getCurrentCluster()?.server ?? "";
  return {
    cluster: { name, endpoint, reachable: false, problem, ...none },
    nodes: [],
    pods: [],
    brokers: [],
    unplaced: [],
  };
}

/** The client is large: only verbs that ask a cluster load it. */
const kubernetes = async () => import("@kubernetes/client-node");

async function inspectFile(name: string): Promise<ClusterFindings> {
  const { KubeConfig } = await kubernetes();
  const config = new KubeConfig();
  config.loadFromFile(join(kubeconfigFolder, name));
  return inspect(name, config).catch((error: unknown) => unreachable(name, config, error));
}

type Named = { readonly cluster?: string; readonly namespace?: string; readonly name: string };
const key = ({ cluster = "", namespace = "", name }: Named): string => [cluster, namespace, name].join("\0");
const sorted = <T extends Named>(items: readonly T[]): T[] => [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));

/** Asks every cluster that has a kubeconfig in `.skerry/kubeconfig`. A cluster that does not answer is said to be so. */
export async function collectStatus(): Promise<StatusReport> {
  const names = await readdir(kubeconfigFolder).catch(() => [] as string[]);
  if (names.length === 0) {
    throw new Error(
      `no clusters: ${kubeconfigFolder} holds no kubeconfig; run "make up", or "npx skerry kubeconfig" for a stack that is up`,
    );
  }
  const findings = await Promise.all(names.sort().map(inspectFile));
  return {
    version: 1,
    clusters: sorted(findings.map(({ cluster }) => cluster)),
    nodes: sorted(findings.flatMap(({ nodes }) => nodes)),
    pods: sorted(findings.flatMap(({ pods }) => pods)),
    brokers: sorted(findings.flatMap(({ brokers }) => brokers)),
    unplaced: sorted(findings.flatMap((finding) => finding.unplaced)),
  };
}
