import type { V1ObjectMeta, V1PodSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { DEFAULT_SCHEDULER } from "../../fleet/labels";
import type { ObjectReference } from "../simulator/protocol";
import type { ClusterSnapshot } from "../snapshot";
import { workloadKey } from "../workloads";
import { digestTemplate } from "./template";

/** A pod as a cluster runs it. */
export interface ObservedPod {
  /** Absent for a pod that waits for a node, or whose node has been removed. */
  readonly node?: string;
  /** A node that no longer exists. The cluster deletes the pod within about a minute. */
  readonly removedNode?: string;
  readonly template: string;
  readonly scheduler: string;
  /** When its node began to start it, in ms since 1970. Absent for a pod without a node. */
  readonly startedAt?: number;
}

/** What a cluster does. */
export interface ObservedCluster {
  /** Regions by node. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Nodes that are not ready, or cordoned. */
  readonly unavailable: ReadonlySet<string>;
  /** Pods by workload. */
  readonly pods: ReadonlyMap<string, readonly ObservedPod[]>;
  /** Whether the load of any node is measured. */
  readonly measured: boolean;
}

const phaseOf = ({ status }: KubeObject): string | undefined =>
  (status as { readonly phase?: string } | undefined)?.phase;

/** Returns the workload of a pod: a Deployment's ReplicaSet has the name of the Deployment and the hash of the template. */
function ownerOf({ metadata }: KubeObject): ObjectReference {
  const { namespace = "default", name = "", labels, ownerReferences = [] } = metadata as V1ObjectMeta;
  const owner = ownerReferences.find(({ controller }) => controller);
  if (!owner) return { kind: "Pod", namespace, name };
  const suffix = `-${labels?.["pod-template-hash"] ?? ""}`;
  return owner.kind === "ReplicaSet" && suffix.length > 1 && owner.name.endsWith(suffix)
    ? { kind: "Deployment", namespace, name: owner.name.slice(0, -suffix.length) }
    : { kind: owner.kind, namespace, name: owner.name };
}

/** Whether a pod counts. Those of a finished Job do: they ran where they were placed. */
function counts(pod: KubeObject, { kind }: ObjectReference): boolean {
  if ((pod.metadata as V1ObjectMeta).deletionTimestamp) return false;
  const phase = phaseOf(pod);
  return phase !== "Failed" && (phase !== "Succeeded" || kind === "Job");
}

function isAvailable({ spec, status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly { type: string; status: string }[] };
  const { unschedulable = false } = (spec ?? {}) as { unschedulable?: boolean };
  return !unschedulable && conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** Reads what a cluster does from its snapshot. */
export function observeCluster({ nodes, pods, pendingPods, objects }: ClusterSnapshot): ObservedCluster {
  const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? "";
  const regions = new Map(
    nodes.map((node) => [nameOf(node), node.metadata.labels?.["topology.kubernetes.io/region"] ?? ""]),
  );
  const workloads = new Map<string, ObservedPod[]>();
  for (const pod of [...pods, ...pendingPods]) {
    const owner = ownerOf(pod);
    if (!counts(pod, owner)) continue;
    const key = workloadKey(owner);
    const spec = pod.spec as V1PodSpec;
    const node = spec.nodeName;
    const place = node ? (regions.has(node) ? { node } : { removedNode: node }) : {};
    const others = workloads.get(key);
    const { startTime } = (pod.status ?? {}) as { readonly startTime?: string };
    const observed = {
      ...place,
      template: digestTemplate(spec),
      scheduler: spec.schedulerName ?? DEFAULT_SCHEDULER,
      ...(startTime !== undefined && { startedAt: Date.parse(startTime) }),
    };
    if (others) others.push(observed);
    else workloads.set(key, [observed]);
  }
  return {
    nodes: regions,
    unavailable: new Set(nodes.filter((node) => !isAvailable(node)).map(nameOf)),
    pods: workloads,
    measured: objects.some(
      ({ kind, status }) =>
        kind === "NodeProfile" && ((status as { samples?: readonly unknown[] } | undefined)?.samples ?? []).length > 0,
    ),
  };
}
