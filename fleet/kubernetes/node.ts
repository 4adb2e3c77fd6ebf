import { deviceCapacity } from "../devices";
import { CONTROL_PLANE, labels, protectedLabels } from "../labels";
import type { Capacity, ClusterSpec, NodePoolSpec } from "../model";
import { nodeLabels, nodeNames, serverNames } from "../nodes";
import type { KubeObject } from "./object";

/**
 * Memory that a node keeps for the system, in MiB: what an agent needs.
 *
 * @see https://docs.k3s.io/reference/resource-profiling
 */
const RESERVED_MIB = 256;
/** The kubelet's default of `maxPods`. */
const MAX_PODS = 110;

/** The quantities of a node with this capacity and this much memory in MiB. */
function resources({ cpuCores, diskGiB }: Capacity, memoryMiB: number): Record<string, string> {
  return {
    cpu: `${Math.floor(cpuCores * 1000)}m`,
    memory: `${memoryMiB}Mi`,
    pods: String(MAX_PODS),
    "ephemeral-storage": `${diskGiB}Gi`,
  };
}

interface NodeFacts {
  readonly name: string;
  readonly device: string;
  readonly capacity: Capacity;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

function renderNode({ name, device, capacity, labels: own, taints }: NodeFacts): KubeObject {
  const { memoryMiB } = capacity;
  const wellKnown = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "node.kubernetes.io/instance-type": device,
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { ...wellKnown, ...own } },
    spec: { taints },
    status: {
      capacity: resources(capacity, memoryMiB),
      allocatable: resources(capacity, Math.max(memoryMiB - RESERVED_MIB, Math.floor(memoryMiB / 2))),
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

/** The NodeProfile of a node: its capability, without usage. */
function renderProfile(name: string, { cpuCores, coreSpeed, memoryMiB, iops, networkMbps }: Capacity): KubeObject {
  return {
    apiVersion: "skerry.dev/v1alpha1",
    kind: "NodeProfile",
    metadata: { name },
    spec: {
      capability: {
        cpu: cpuCores,
        ...(coreSpeed !== undefined && { coreSpeed }),
        memoryGB: (memoryMiB * 2 ** 20) / 1e9,
        iops,
        networkGbps: networkMbps / 1000,
      },
    },
  };
}

const poolNodes = (pool: NodePoolSpec): NodeFacts[] =>
  nodeNames(pool).map((name) => ({
    name,
    device: pool.device,
    capacity: pool.capacity,
    labels: { ...nodeLabels(pool), [protectedLabels.pool]: pool.name },
    taints: pool.taints,
  }));

/** The servers. The control plane of a cluster with a system pool has no nodes. */
function serverNodes(cluster: ClusterSpec): NodeFacts[] {
  const { homeRegion, serverDevice, systemPool } = cluster;
  if (systemPool !== undefined) return [];
  const place = { [labels.topologyRegion]: homeRegion, [labels.topologyZone]: `${homeRegion}-a` };
  return serverNames(cluster).map((each) => ({
    name: each,
    device: serverDevice,
    capacity: deviceCapacity(serverDevice),
    labels: { ...place, [CONTROL_PLANE]: "true" },
    taints: [{ key: CONTROL_PLANE, value: "true", effect: "NoSchedule" }],
  }));
}

/**
 * The Node and NodeProfile objects that a cluster has once its machines have joined: servers first, then the pools in
 * their order. Architecture is left out, because the lab runs every device on that of its host.
 *
 * @param cluster a cluster of a parsed fleet
 */
export function renderNodes(cluster: ClusterSpec): { readonly nodes: KubeObject[]; readonly profiles: KubeObject[] } {
  const all = [...serverNodes(cluster), ...cluster.nodePools.flatMap(poolNodes)];
  return {
    nodes: all.map(renderNode),
    profiles: all.map(({ name, capacity }) => renderProfile(name, capacity)),
  };
}
