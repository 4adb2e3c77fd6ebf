import { CONTROL_PLANE, labels, protectedLabels } from "../labels";
import type { KubeObject } from "../kubernetes/object";
import { parseQuantity, toNumber } from "../kubernetes/quantity";
import type { Taint } from "../model";

/** A node of an existing cluster, as it is without Skerry: without what a node pool has set, with what a pool replaced. */
export interface ObservedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly architecture: string;
  readonly cpuCores: number;
  /** Memory that the operating system reports, which is less than that of the hardware. */
  readonly memoryMiB: number;
  readonly diskGiB: number;
  /** Version of the kubelet, such as `v1.36.3+k3s1`. */
  readonly kubeletVersion: string;
  /** Identity in a cloud, such as `aws:///eu-central-1a/i-0123`. Empty for machines of no cloud. */
  readonly providerId: string;
  readonly ready: boolean;
  readonly controlPlane: boolean;
}

/** What Skerry reads of an existing cluster before it changes anything. */
export interface ObservedCluster {
  /** UID of the namespace kube-system, which identifies the cluster. */
  readonly uid: string;
  /** Version of the API server, such as `v1.36.3+k3s1`. */
  readonly version: string;
  readonly nodes: readonly ObservedNode[];
  /** Namespaces that Skerry did not create. */
  readonly namespaces: readonly string[];
  readonly storageClasses: readonly string[];
  /** Whether a known implementation of network policies was found. */
  readonly enforcesNetworkPolicies: boolean;
}

/** The fields of a Node that are read. */
interface NodeFields {
  readonly spec?: { readonly taints?: readonly Partial<Taint>[]; readonly providerID?: string };
  readonly status?: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly nodeInfo?: { readonly architecture?: string; readonly kubeletVersion?: string };
  };
}

/** The fields of a FleetNodePool that are read. */
interface PoolFields {
  readonly spec?: { readonly selector?: { readonly registrationLabel?: { readonly key: string } } };
  readonly status?: {
    readonly managedKeys?: {
      readonly labels?: readonly string[];
      readonly taints?: readonly Pick<Taint, "key" | "effect">[];
    };
    readonly originals?: readonly {
      readonly nodes: readonly string[];
      readonly labels?: Readonly<Record<string, string>>;
      readonly taints?: readonly Partial<Taint>[];
    }[];
  };
}

const toTaint = ({ key = "", value = "", effect = "NoSchedule" }: Partial<Taint>): Taint => ({ key, value, effect });

const MIB = 2 ** 20;

/**
 * Returns what a node is without Skerry.
 *
 * @param pools the FleetNodePool objects of the cluster. Their status records what they have set and replaced
 */
export function observeNode(node: KubeObject, pools: readonly KubeObject[] = []): ObservedNode {
  const { name = "", labels: all = {} } = node.metadata;
  const { spec = {}, status = {} } = node as NodeFields;
  const pool = pools.find(({ metadata }) => metadata.name === all[protectedLabels.pool]) as PoolFields | undefined;
  const { managedKeys, originals = [] } = pool?.status ?? {};
  const original = originals.find(({ nodes }) => nodes.includes(name));
  const registration = pool?.spec?.selector?.registrationLabel?.key;
  const managed = new Set([...(managedKeys?.labels ?? []), protectedLabels.pool]);
  if (registration !== undefined) managed.delete(registration);
  const isManaged = (taint: Partial<Taint>): boolean =>
    managedKeys?.taints?.some(({ key, effect }) => key === taint.key && effect === taint.effect) ?? false;
  const amount = (resource: string): number => toNumber(parseQuantity(status.capacity?.[resource]) ?? 0n);
  return {
    name,
    labels: {
      ...Object.fromEntries(Object.entries(all).filter(([key]) => !managed.has(key))),
      ...original?.labels,
    },
    taints: [...(spec.taints ?? []).filter((taint) => !isManaged(taint)), ...(original?.taints ?? [])].map(toTaint),
    architecture: status.nodeInfo?.architecture ?? all["kubernetes.io/arch"] ?? "",
    cpuCores: amount("cpu"),
    memoryMiB: Math.floor(amount("memory") / MIB),
    diskGiB: Math.floor(amount("ephemeral-storage") / MIB / 1024),
    kubeletVersion: status.nodeInfo?.kubeletVersion ?? "",
    providerId: spec.providerID ?? "",
    ready: status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false,
    controlPlane: CONTROL_PLANE in all,
  };
}

/** The region that a node states. */
export const regionOf = ({ labels: all }: ObservedNode): string | undefined =>
  all[labels.topologyRegion] ?? all[labels.edgeRegion];
