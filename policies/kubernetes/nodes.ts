import type { V1NodeSelectorTerm, V1PodSpec } from "@kubernetes/client-node";

import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import { meetsTerm, requiredTerms } from "../../fleet/kubernetes/requirements";
import { annotations, labels } from "../../fleet/labels";
import type { PodMaker } from "./workloads";
import { repelling, type Taint } from "./tolerations";

/** What a `FleetNodePool` object says of its nodes, which are all alike. */
export interface Pool {
  readonly object: KubeObject;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Of one node. Absent: not stated. */
  readonly cpuCores?: number;
  readonly memoryMiB?: number;
  /** How many there are. Absent: as many as register. */
  readonly count?: number;
}

interface PoolSpec {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly capacity?: { readonly cpuCores?: number; readonly memoryMiB?: number };
  readonly count?: number;
  readonly selector?: { readonly names?: readonly string[] };
}

/** The node pools among a cluster's objects. None: nothing is known of its nodes. */
export function nodePools(objects: readonly KubeObject[]): Pool[] {
  return objects
    .filter(({ apiVersion, kind }) => kind === "FleetNodePool" && apiVersion.startsWith("skerry.dev/"))
    .map((object) => {
      const { capacity, selector, ...spec } = (object.spec ?? {}) as PoolSpec;
      const count = spec.count ?? selector?.names?.length;
      return {
        object,
        name: nameOf(object),
        labels: spec.labels ?? {},
        taints: spec.taints ?? [],
        ...(capacity?.cpuCores !== undefined && { cpuCores: capacity.cpuCores }),
        ...(capacity?.memoryMiB !== undefined && { memoryMiB: capacity.memoryMiB }),
        ...(count !== undefined && { count }),
      };
    });
}

const ROLE = "node-role.kubernetes.io/";

/** Labels that every node has and no pool states, so that nobody can say which pool has which value. */
const isUndecided = (key: string): boolean =>
  ["kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "node.kubernetes.io/instance-type"].includes(
    key,
  ) ||
  key.startsWith("beta.kubernetes.io/") ||
  key.startsWith("feature.node.kubernetes.io/");

/** The regions that a pod may run in by its `required-region` label, the best first; undefined when it demands none. */
export function demandedRegions({ labels: podLabels, annotations: notes }: PodMaker): string[] | undefined {
  const required = podLabels[labels.requiredRegion];
  if (!required) return undefined;
  const fallback = (notes[annotations.fallbackRegions] ?? "").split(",").map((region) => region.trim());
  return [required, ...fallback.filter((region) => region !== "")];
}

/** Whether a pod's own statements lead to a pool's nodes, taints aside. */
export function selects(maker: PodMaker, pool: Pool): boolean {
  const { value: pod } = maker.pod;
  const regions = demandedRegions(maker);
  // The edge scheduler holds a demand against this label alone.
  if (regions && !regions.includes(pool.labels[labels.edgeRegion] ?? "")) return false;
  const selector = Object.entries(pod.nodeSelector ?? {});
  if (!selector.every(([key, value]) => isUndecided(key) || pool.labels[key] === value)) return false;
  const terms = requiredTerms(pod);
  return terms === undefined || terms.some((term) => meetsTerm(pool.labels, term, isUndecided));
}

/** Whether a pod may run on a pool's nodes. */
export const mayRunOn = (maker: PodMaker, pool: Pool): boolean =>
  selects(maker, pool) && repelling(pool.taints, maker.pod.value.tolerations).length === 0;

/**
 * Whether a pod's node is settled elsewhere: it names one, or asks for a server. Servers are nodes too, but in no pool.
 */
export function leavesPools({ pod: { value: pod } }: PodMaker): boolean {
  if (pod.nodeName) return true;
  if (Object.keys(pod.nodeSelector ?? {}).some((key) => key.startsWith(ROLE))) return true;
  const asksForServer = ({ matchExpressions = [] }: V1NodeSelectorTerm): boolean =>
    matchExpressions.some(({ key, operator }) => key.startsWith(ROLE) && (operator === "Exists" || operator === "In"));
  return requiredTerms(pod)?.some(asksForServer) ?? false;
}

/** Labels by which a pod says where, and not on what. */
const PLACES: readonly string[] = [
  labels.edgeRegion,
  labels.topologyRegion,
  labels.topologyZone,
  labels.nodeType,
  labels.diskType,
];

/** Whether a pod demands nodes for what they are: their device, their pool, or a label that a team gave them. */
export function choosesNodes(pod: V1PodSpec): boolean {
  const narrow = (key: string): boolean => !PLACES.includes(key) && !isUndecided(key);
  if (Object.keys(pod.nodeSelector ?? {}).some(narrow)) return true;
  const terms = requiredTerms(pod) ?? [];
  return (
    terms.length > 0 &&
    terms.every(({ matchExpressions = [] }) =>
      matchExpressions.some(({ key, operator }) => narrow(key) && (operator === "In" || operator === "Exists")),
    )
  );
}
