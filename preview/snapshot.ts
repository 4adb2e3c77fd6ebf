import type { KubeObject } from "../fleet/kubernetes/object";
import { CONTROL_PLANE, protectedLabels } from "../fleet/labels";
import type { RenderedState } from "./rendering";
import type { ClusterState } from "./simulator/protocol";

/** Version of {@link Snapshot}. */
export const SNAPSHOT_VERSION = 2;

/** What runs in the clusters of a fleet at one moment. It holds no secrets. */
export interface Snapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  /** Time at which the snapshot was complete, RFC 3339. */
  readonly takenAt: string;
  readonly clusters: readonly ClusterSnapshot[];
}

export interface ClusterSnapshot {
  readonly name: string;
  readonly nodes: readonly KubeObject[];
  /** Pods with a node. */
  readonly pods: readonly KubeObject[];
  /** Pods without a node. A simulation creates its own; `skerry verify` counts them. */
  readonly pendingPods: readonly KubeObject[];
  /** NodeProfiles, PersistentVolumes and PersistentVolumeClaims. */
  readonly objects: readonly KubeObject[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Annotations that decide where a pod runs. All others may hold anything. */
const isPlacementAnnotation = (key: string): boolean => key.startsWith("skerry.dev/");

function keepMetadata({ metadata }: KubeObject): KubeObject["metadata"] {
  const {
    name,
    namespace,
    labels,
    annotations = {},
    uid,
    ownerReferences,
    creationTimestamp,
    deletionTimestamp,
  } = metadata as Fields & KubeObject["metadata"];
  const kept = Object.entries(annotations).filter(([key]) => isPlacementAnnotation(key));
  return {
    ...{ name, namespace, labels, uid, ownerReferences, creationTimestamp },
    // A pod that terminates does not count: a simulation ignores it, and so does its controller.
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
  };
}

/** The fields of a container that scheduling reads: no environment, no command, no arguments. */
const keepContainer = ({ name, image, resources, ports, restartPolicy }: Fields): Fields => ({
  ...{ name, image, resources, ports, restartPolicy },
});

/** Volumes whose type scheduling reads. Others become an emptyDir, so that nothing names a Secret. */
const keepVolume = ({ name, persistentVolumeClaim, ephemeral, csi }: Fields): Fields =>
  persistentVolumeClaim || ephemeral || csi ? { name, persistentVolumeClaim, ephemeral, csi } : { name, emptyDir: {} };

/** Fields of a pod's spec that scheduling reads. */
const POD_FIELDS = [
  ...["nodeName", "nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "schedulerName"],
  ...["priority", "priorityClassName", "preemptionPolicy", "overhead", "hostNetwork", "schedulingGates"],
  ...["terminationGracePeriodSeconds", "restartPolicy", "resourceClaims", "resources"],
];

/** The parts of a pod that scheduling reads. */
function keepPod(pod: KubeObject): KubeObject {
  const {
    containers = [],
    initContainers,
    volumes,
    ...rest
  } = (pod.spec ?? {}) as Fields & {
    readonly containers?: readonly Fields[];
    readonly initContainers?: readonly Fields[];
    readonly volumes?: readonly Fields[];
  };
  // Preemption compares start times.
  const { phase, startTime } = (pod.status ?? {}) as Fields;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: keepMetadata(pod),
    spec: {
      ...Object.fromEntries(POD_FIELDS.flatMap((key) => (rest[key] === undefined ? [] : [[key, rest[key]]]))),
      containers: containers.map(keepContainer),
      ...(initContainers && { initContainers: initContainers.map(keepContainer) }),
      ...(volumes && { volumes: volumes.map(keepVolume) }),
    },
    status: { phase, startTime },
  };
}

/** The parts of a node that scheduling reads. */
function keepNode(node: KubeObject): KubeObject {
  const { taints, unschedulable } = (node.spec ?? {}) as Fields;
  const { capacity, allocatable, conditions } = (node.status ?? {}) as Fields;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: keepMetadata(node),
    spec: { taints, unschedulable },
    status: { capacity, allocatable, conditions },
  };
}

const hasNode = ({ spec }: KubeObject): boolean => Boolean((spec as Fields | undefined)?.nodeName);

const byName = (a: KubeObject, b: KubeObject): number => {
  const key = ({ kind, metadata: { namespace = "", name = "" } }: KubeObject): string =>
    [kind, namespace, name].join("\0");
  return key(a) < key(b) ? -1 : 1;
};

/** Nodes in the order in which they joined, in which the scheduler has them too. */
const byAge = (a: KubeObject, b: KubeObject): number => {
  const created = ({ metadata }: KubeObject): string =>
    ((metadata as Fields).creationTimestamp as string | undefined) ?? "";
  return created(a) === created(b) ? byName(a, b) : created(a) < created(b) ? -1 : 1;
};

/**
 * Reduces the objects of a cluster to what scheduling reads. Environment variables, commands, most annotations and
 * every Secret stay behind.
 *
 * @param objects Nodes, Pods, NodeProfiles, PersistentVolumes and PersistentVolumeClaims, as the API server returns them
 */
export function reduceCluster(name: string, objects: readonly KubeObject[]): ClusterSnapshot {
  const ofKind = (kind: string): KubeObject[] => objects.filter((object) => object.kind === kind).sort(byName);
  const others = objects.filter(({ kind }) => kind !== "Node" && kind !== "Pod");
  return {
    name,
    nodes: ofKind("Node").sort(byAge).map(keepNode),
    pods: ofKind("Pod").filter(hasNode).map(keepPod),
    pendingPods: ofKind("Pod")
      .filter((pod) => !hasNode(pod))
      .map(keepPod),
    objects: others.map((object) => ({ ...object, metadata: keepMetadata(object) })).sort(byName),
  };
}

/** Objects of a rendering that a snapshot knows better. */
const isObserved = ({ kind }: KubeObject): boolean => kind === "NodeProfile";

const namesOf = (objects: readonly KubeObject[]): Set<string | undefined> =>
  new Set(objects.map(({ metadata }) => metadata.name));

/**
 * The state of a cluster from which a change starts: the nodes, volumes and pods of a snapshot, and the objects of the
 * revision that is deployed.
 */
export function startFromSnapshot(
  { nodes, pods, objects }: ClusterSnapshot,
  base: RenderedState,
): ClusterState & { readonly runningPods: readonly KubeObject[] } {
  return {
    nodes,
    objects: [...base.objects.filter((object) => !isObserved(object)), ...objects],
    schedulerConfigurations: base.schedulerConfigurations,
    runningPods: pods,
  };
}

/** A node that keeps what was observed, with the labels and taints of its pool. */
const inPool = (node: KubeObject, labels: Readonly<Record<string, string>>, taints: unknown): KubeObject => ({
  ...node,
  metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels } },
  spec: { ...(node.spec as Fields), taints },
});

/** The fields of a FleetNodePool that decide about nodes. */
interface PoolSpec {
  readonly selector: {
    readonly names?: readonly string[];
    readonly registrationLabel?: { readonly key: string; readonly value: string };
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly effect: string }[];
}

/** The nodes of an existing cluster: those that were observed, whatever the fleet calls them, each with what its pool sets. */
function existingNodes(nodes: readonly KubeObject[], { objects }: RenderedState): KubeObject[] {
  const pools = objects.filter(({ kind }) => kind === "FleetNodePool");
  return nodes.map((node) => {
    const { name = "", labels: own = {} } = node.metadata;
    const pool = pools.find(({ spec }) => {
      const { names, registrationLabel: label } = (spec as PoolSpec).selector;
      return names ? names.includes(name) : label !== undefined && own[label.key] === label.value;
    });
    if (!pool || CONTROL_PLANE in own) return node;
    const { labels, taints } = pool.spec as PoolSpec;
    const others = ((node.spec as Fields).taints ?? []) as PoolSpec["taints"];
    const kept = others.filter(({ key, effect }) => !taints.some((each) => each.key === key && each.effect === effect));
    return inPool(node, { ...labels, [protectedLabels.pool]: pool.metadata.name! }, [...kept, ...taints]);
  });
}

/**
 * The state that a change leads to: nodes that exist keep what was observed and take the labels and taints of their pool;
 * nodes that are new are as the pool describes them. No node of an existing cluster is new.
 */
export function endFromSnapshot({ nodes, objects }: ClusterSnapshot, head: RenderedState): ClusterState {
  const observed = new Map(nodes.map((node) => [node.metadata.name, node]));
  const profiles = namesOf(objects.filter(isObserved));
  const ends = head.existing
    ? existingNodes(nodes, head)
    : head.nodes.map((node) => {
        const existing = observed.get(node.metadata.name);
        return existing ? inPool(existing, node.metadata.labels ?? {}, (node.spec as Fields).taints) : node;
      });
  return {
    nodes: ends,
    objects: [
      ...head.objects.filter((object) => !(isObserved(object) && profiles.has(object.metadata.name))),
      ...objects.filter(
        (object) => !isObserved(object) || ends.some(({ metadata }) => metadata.name === object.metadata.name),
      ),
    ],
    schedulerConfigurations: head.schedulerConfigurations,
  };
}
