import { devices } from "../../fleet/devices";
import { fitsCapacity } from "../../fleet/existing/node-facts";
import { type ObservedNode, regionOf } from "../../fleet/existing/observed-cluster";
import { ownedLabel, ownedTaint } from "../../fleet/kubernetes/owned-keys";
import { labels as skerryLabels, values } from "../../fleet/labels";
import type { NodeRole, Taint } from "../../fleet/model";
import { isDnsLabel, isLabelValue } from "../../fleet/reading/forms";
import { defaultZone } from "../../fleet/reading/schema";
import { UNFINISHED } from "../../fleet/reading/unfinished";
import { userLabels } from "./user-labels";

/** A value that the user must fill in. */
export const unfinished = (what: string): string => `${UNFINISHED}${what}`;

/** Labels that name the group of machines that a node belongs to, most specific first. */
const GROUP_LABELS: readonly string[] = [
  skerryLabels.nodePool,
  "eks.amazonaws.com/nodegroup",
  "alpha.eksctl.io/nodegroup-name",
  "karpenter.sh/nodepool",
  "cloud.google.com/gke-nodepool",
  "kubernetes.azure.com/agentpool",
  "agentpool",
];

/** Instance types of distributions that run on any machine. */
const NO_INSTANCE_TYPE = ["", "k3s", "rke2"];

/** Capacity as adopted: values that a node does not report must be filled in. */
type AdoptedCapacity = Readonly<
  Record<"cpuCores" | "memoryMiB" | "diskGiB" | "disk" | "iops" | "networkMbps", number | string>
>;

/** A pool as adopted: a pool of `FleetInput`, in which some values may have to be filled in. */
export interface AdoptedPool {
  readonly name: string;
  readonly nodes:
    { readonly names: readonly string[] } | { readonly label: { readonly key: string; readonly value: string } };
  readonly region: string;
  readonly zone?: string;
  readonly device: string;
  readonly role?: NodeRole;
  readonly edgeNodeType?: string;
  readonly count: number;
  readonly capacity?: AdoptedCapacity;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
}

/** Everything that the nodes of a pool have in common, and the label of their group. */
type Group = Omit<AdoptedPool, "name" | "nodes" | "count"> & {
  readonly group?: { readonly key: string; readonly value: string };
};

/** Memory of the hardware: what a node reports, rounded up to three binary digits. */
function hardwareMemory(reported: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(reported, 1))) - 3);
  return Math.ceil(reported / step) * step;
}

/** Disks and networks are not part of what a node reports. */
function describeCapacity(node: ObservedNode): AdoptedCapacity {
  return {
    cpuCores: Math.max(1, Math.floor(node.cpuCores)),
    memoryMiB: hardwareMemory(node.memoryMiB),
    disk:
      node.labels[skerryLabels.diskType] === values.ssd ? "ssd" : unfinished("type of the disk (sd, emmc, ssd, nvme)"),
    diskGiB: Math.max(1, node.diskGiB),
    iops: unfinished("random reads of the disk per second"),
    networkMbps: unfinished("network bandwidth in Mbit/s"),
  };
}

/** Returns the device type of a node, and its capacity unless it is that of the device type. */
function describeDevice(node: ObservedNode): Pick<AdoptedPool, "device" | "capacity"> {
  const stated = [node.labels[skerryLabels.deviceType], node.labels["node.kubernetes.io/instance-type"]];
  const name = stated.find((each) => each !== undefined && !NO_INSTANCE_TYPE.includes(each) && isLabelValue(each));
  const device = name === undefined ? undefined : devices[name];
  if (name === undefined || !device) {
    const capacity = describeCapacity(node);
    const machine = `${node.architecture || "machine"}-${capacity.cpuCores}cpu-${capacity.memoryMiB}mib`;
    return { device: name ?? machine, capacity };
  }
  const { capacity } = device;
  const solidState = node.labels[skerryLabels.diskType] === values.ssd && !["ssd", "nvme"].includes(capacity.disk);
  if (fitsCapacity(node, capacity) && !solidState) return { device: name };
  const { cpuCores, memoryMiB } = describeCapacity(node);
  return { device: name, capacity: { ...capacity, cpuCores, memoryMiB, ...(solidState && { disk: values.ssd }) } };
}

/** Returns the value of a label, or what must be done if it cannot be the name of a region or zone. */
const placeName = (key: string, value: string): string =>
  isDnsLabel(value) ? value : unfinished(`a DNS label, also on the nodes: their label ${key}=${value} is none`);

function describeRole({ labels, providerId }: ObservedNode): NodeRole {
  const stated = labels[skerryLabels.nodeType];
  if (stated === values.edgeWorker || stated === values.cloudWorker) return stated;
  return /^(aws|gce|azure):\/\//.test(providerId) ? values.cloudWorker : values.edgeWorker;
}

function describeGroup(node: ObservedNode, fallbackRegion: string, labels: Readonly<Record<string, string>>): Group {
  const region = placeName(skerryLabels.topologyRegion, regionOf(node) ?? fallbackRegion);
  const zone = node.labels[skerryLabels.topologyZone];
  const role = describeRole(node);
  const edgeNodeType = node.labels[skerryLabels.edgeNodeType];
  const taints = node.taints
    .filter(({ key }) => ownedTaint(key) === undefined)
    .map(({ key, value, effect }) => ({ key, ...(value !== "" && { value }), effect }) as Taint)
    .sort((a, b) => (`${a.key}:${a.effect}` < `${b.key}:${b.effect}` ? -1 : 1));
  const key = GROUP_LABELS.find((each) => node.labels[each]);
  return {
    region,
    ...(zone !== undefined && zone !== defaultZone(region) && { zone: placeName(skerryLabels.topologyZone, zone) }),
    ...describeDevice(node),
    ...(role !== values.edgeWorker && { role }),
    ...(edgeNodeType && { edgeNodeType }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(taints.length > 0 && { taints }),
    ...(key !== undefined && { group: { key, value: node.labels[key]! } }),
  };
}

/** Makes a DNS label from any text. */
export function toDnsLabel(text: string, fallback: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 56)
    .replace(/^-+|-+$/g, "");
  return label || fallback;
}

/** Returns names that are unique: `gw`, `gw-2`, `gw-3`. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}-${number}`;
    taken.add(unique);
    return unique;
  });
}

/**
 * Describes the nodes of a cluster as pools: nodes of a pool have the same region, zone, device type, capacity, role, labels
 * and taints. Control-plane nodes are left out. Equal nodes give equal pools, in any order.
 *
 * @param fallbackRegion region of nodes that state none
 */
export function describePools(nodes: readonly ObservedNode[], fallbackRegion: string): AdoptedPool[] {
  const agents = nodes.filter(({ controlPlane }) => !controlPlane);
  const labelsOf = userLabels(agents, (key) => ownedLabel(key) === undefined && !GROUP_LABELS.includes(key));
  const groups = new Map<string, { readonly group: Group; readonly names: string[] }>();
  for (const node of agents) {
    const group = describeGroup(node, fallbackRegion, labelsOf(node));
    // Disks of equal machines differ by some GiB.
    const key = JSON.stringify({
      ...group,
      capacity: { ...group.capacity, diskGiB: 0 },
      architecture: node.architecture,
    });
    const names = [...(groups.get(key)?.names ?? []), node.name].sort();
    groups.set(key, { group: groups.get(key)?.group ?? group, names });
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  const pools = uniqueNames(
    sorted.map(({ group: { group, region, device } }) =>
      toDnsLabel(group?.value ?? `${isDnsLabel(region) ? region : fallbackRegion}-${device}`, "pool"),
    ),
  );
  return sorted.map(({ group: { group, ...rest }, names }, index) => {
    const isWholeGroup =
      group && agents.filter(({ labels }) => labels[group.key] === group.value).length === names.length;
    const keepsLabel = group?.key !== skerryLabels.nodePool || group.value === pools[index];
    return {
      name: pools[index]!,
      nodes: isWholeGroup && keepsLabel ? { label: { key: group.key, value: group.value } } : { names },
      ...rest,
      count: names.length,
    };
  });
}
