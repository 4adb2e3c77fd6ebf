import type { V1NodeSelectorTerm, V1PodSpec } from "@kubernetes/client-node";

import { matchesNodeAffinity, requiredTerms, requiresOfNodes } from "../../fleet/kubernetes/node-affinity";
import { fitsNode, type NodeFacts } from "../../fleet/kubernetes/node-fit";
import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { requiredRegions } from "../../fleet/kubernetes/required-regions";
import type { Resources } from "../../fleet/kubernetes/requests";
import type { Taint } from "../../fleet/kubernetes/tolerations";
import { labels, protectedLabels } from "../../fleet/labels";
import type { PodMaker } from "./workloads";

/** The nodes of a `FleetNodePool` object, which are identical. The capacity is that of one node; undeclared resources are absent. */
export interface Pool extends Partial<Resources> {
  readonly object: KubeObject;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Number of nodes. Absent: as many as register. */
  readonly count?: number;
}

interface PoolSpec {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly capacity?: Partial<Resources>;
  readonly count?: number;
  readonly selector?: {
    readonly names?: readonly string[];
    readonly registrationLabel?: { readonly key: string; readonly value: string };
  };
}

/** Returns the node pools among a cluster's objects. If there are none, nothing is known about the cluster's nodes. */
export function nodePools(objects: readonly KubeObject[]): Pool[] {
  return objects
    .filter(({ apiVersion, kind }) => kind === "FleetNodePool" && apiVersion.startsWith("skerry.dev/"))
    .map((object) => {
      const { capacity, selector, ...spec } = (object.spec ?? {}) as PoolSpec;
      const count = spec.count ?? selector?.names?.length;
      const registered = selector?.registrationLabel;
      return {
        object,
        name: nameOf(object),
        labels: { ...(registered && { [registered.key]: registered.value }), ...spec.labels },
        taints: spec.taints ?? [],
        ...(capacity?.cpuCores !== undefined && { cpuCores: capacity.cpuCores }),
        ...(capacity?.memoryMiB !== undefined && { memoryMiB: capacity.memoryMiB }),
        ...(count !== undefined && { count }),
      };
    });
}

const ROLE = "node-role.kubernetes.io/";

/** Labels that every node has and no pool declares, so that the pool of a value cannot be determined. */
const isUndetermined = (key: string): boolean =>
  ["kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "node.kubernetes.io/instance-type"].includes(
    key,
  ) ||
  key.startsWith("beta.kubernetes.io/") ||
  key.startsWith("feature.node.kubernetes.io/");

/** Returns the regions to which a pod is restricted by its label; undefined if it may run in any. */
export const requiredRegionsOf = ({ pod, labels, annotations }: PodMaker): string[] | undefined =>
  requiredRegions({ metadata: { labels, annotations }, spec: pod.value });

/** The edge scheduler compares a required region with the label of edge nodes only. */
function matchesRequiredRegion(maker: PodMaker, pool: Pool): boolean {
  const regions = requiredRegionsOf(maker);
  return regions === undefined || regions.includes(pool.labels[labels.edgeRegion] ?? "");
}

/** A pool's nodes, whose names are not known beforehand. */
const nodeOf = ({ name, labels, taints }: Pool): NodeFacts => ({
  // The node controller sets the label of the pool, which the pool itself must not set.
  labels: { ...labels, [protectedLabels.pool]: name },
  taints,
});

/** Reports whether a pod matches a pool's nodes by its fields, labels and annotations, taints aside. */
export const matchesPool = (maker: PodMaker, pool: Pool): boolean =>
  matchesRequiredRegion(maker, pool) && matchesNodeAffinity(maker.pod.value, nodeOf(pool), isUndetermined);

/** Reports whether a pod may run on a pool's nodes, resources aside. */
export const fitsPool = (maker: PodMaker, pool: Pool): boolean =>
  matchesRequiredRegion(maker, pool) && fitsNode(maker.pod.value, nodeOf(pool), isUndetermined);

/**
 * Reports whether a pod runs on a node outside of all pools: it names one, or requires a server. Servers are nodes that
 * belong to no pool.
 */
export function leavesPools({ pod: { value: pod } }: PodMaker): boolean {
  if (pod.nodeName) return true;
  if (Object.keys(pod.nodeSelector ?? {}).some((key) => key.startsWith(ROLE))) return true;
  const requiresServer = ({ matchExpressions = [] }: V1NodeSelectorTerm): boolean =>
    matchExpressions.some(({ key, operator }) => key.startsWith(ROLE) && (operator === "Exists" || operator === "In"));
  return requiredTerms(pod)?.some(requiresServer) ?? false;
}

/** Labels by which a pod chooses a location, not a type of node. */
const LOCATIONS: readonly string[] = [
  labels.edgeRegion,
  labels.topologyRegion,
  labels.topologyZone,
  labels.nodeType,
  labels.diskType,
];

/** Reports whether a pod requires a type of node: a device, a pool, or a label that a team has defined. */
export const choosesNodes = (pod: V1PodSpec): boolean =>
  requiresOfNodes(
    pod,
    ({ key, operator }) =>
      !LOCATIONS.includes(key) && !isUndetermined(key) && (operator === "In" || operator === "Exists"),
  );
