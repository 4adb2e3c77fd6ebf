import { type ObservedCluster, type ObservedNode, observeNode } from "../../../fleet/existing/observed-cluster";
import { renderNodes } from "../../../fleet/kubernetes/node";
import type { ClusterSpec } from "../../../fleet/model";

/** Returns an agent as an operating system reports it: with a little less memory than the hardware has. */
export const node = (name: string, change: Partial<ObservedNode> = {}): ObservedNode => ({
  name,
  labels: {},
  taints: [],
  architecture: "amd64",
  cpuCores: 4,
  memoryMiB: 7800,
  diskGiB: 58,
  kubeletVersion: "v1.36.3+k3s1",
  providerId: "",
  ready: true,
  controlPlane: false,
  ...change,
});

export const server = (name: string, change: Partial<ObservedNode> = {}): ObservedNode =>
  node(name, { controlPlane: true, ...change });

export const observed = (nodes: readonly ObservedNode[], change: Partial<ObservedCluster> = {}): ObservedCluster => ({
  uid: "11111111-1111-1111-1111-111111111111",
  version: "v1.36.3+k3s1",
  nodes,
  namespaces: ["default", "kube-system"],
  storageClasses: ["local-path"],
  enforcesNetworkPolicies: true,
  ...change,
});

/** Returns a cluster as it is observed once its nodes have the labels and taints of a fleet. */
export const observedFrom = (cluster: ClusterSpec): ObservedCluster =>
  observed(
    renderNodes(cluster).nodes.map((each) => observeNode(each)),
    { version: `v${cluster.kubernetesVersion}` },
  );
