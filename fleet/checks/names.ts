import { DNS_LABEL_RULE, ENV_NAME_RULE, isDnsLabel, isEnvName } from "../reading/forms";
import { lastNodeName } from "../nodes";
import { formatPath, formatValue, type Problem } from "../problem";
import type { Workload } from "../model";
import { findDuplicateNames } from "./duplicates";
import { type ClusterPart, type FleetParts, isExisting, type Part } from "./fleet-parts";

/** Longest host name on Linux, and longest value of the Kubernetes label that holds a node's name. */
const MAX_NODE_NAME_LENGTH = 63;

/** Namespaces that Skerry or Kubernetes uses. */
const RESERVED_NAMESPACES = [
  "skerry-system",
  "skerry-node-agent",
  "mqtt",
  "kube-system",
  "kube-public",
  "kube-node-lease",
];

/** Follows the cluster's name in the names of its servers. */
const SERVER_SUFFIX = "server";

function checkNodeNameLength(path: readonly PropertyKey[], name: string, group: string, count: number): Problem[] {
  const node = lastNodeName({ name: group, count });
  if (node.length <= MAX_NODE_NAME_LENGTH) return [];
  const rule = `must give node names of at most ${MAX_NODE_NAME_LENGTH} characters, got ${formatValue(name)}`;
  return [{ path: formatPath([...path, "name"]), message: `${rule}: node ${node} has ${node.length}` }];
}

function checkNodeNames({ path, value: { name, servers }, nodePools }: ClusterPart): Problem[] {
  const serverNames =
    name === undefined ? [] : checkNodeNameLength(path, name, `${name}-${SERVER_SUFFIX}`, servers ?? 1);
  const agentNames = nodePools.flatMap(({ path: at, value: pool }) =>
    pool.name === undefined ? [] : checkNodeNameLength(at, pool.name, pool.name, pool.count ?? 1),
  );
  return [...serverNames, ...agentNames];
}

interface MachineGroup {
  readonly cluster: string | undefined;
  readonly name: string | undefined;
  /** How messages refer to the group. */
  readonly title: string;
  /** Path of the name that the group takes its own from. */
  readonly path: readonly PropertyKey[];
}

/** Checks that machine groups, named `<cluster>-<pool>` and `<cluster>-server`, have unique names across clusters. */
function checkMachineGroups(clusters: readonly ClusterPart[]): Problem[] {
  const groups = clusters.flatMap(({ path, value: { name: cluster }, nodePools }): MachineGroup[] => [
    { cluster, name: SERVER_SUFFIX, title: `the servers of ${cluster}`, path: [...path, "name"] },
    ...nodePools.map(({ path: pool, value: { name } }) => ({
      cluster,
      name,
      title: `pool ${name} of ${cluster}`,
      path: [...pool, "name"],
    })),
  ]);
  const firstGroups = new Map<string, MachineGroup>();
  return groups.flatMap((group) => {
    if (group.cluster === undefined || group.name === undefined) return [];
    const fullName = `${group.cluster}-${group.name}`;
    const first = firstGroups.get(fullName);
    firstGroups.set(fullName, first ?? group);
    // Clusters and pools with the same name are reported as duplicates.
    if (first === undefined || first.title === group.title) return [];
    const message = `duplicate machine name ${fullName} of ${group.title}, already that of ${first.title}: rename one`;
    return [{ path: formatPath(group.path), message }];
  });
}

/** Checks keys. The schema cannot do so without discarding the values. */
function checkKeys({ workloads }: FleetParts): Problem[] {
  return workloads.flatMap(({ name, path, value }) => [
    ...(isDnsLabel(name)
      ? []
      : [{ path: formatPath(path), message: `key ${DNS_LABEL_RULE}, got ${formatValue(name)}` }]),
    ...Object.keys(value.env ?? {})
      .filter((key) => !isEnvName(key))
      .map((key) => ({
        path: formatPath([...path, "env", key]),
        message: `key ${ENV_NAME_RULE}, got ${formatValue(key)}`,
      })),
  ]);
}

/** Checks that the Deployments of workloads have unique names in their namespace. */
function checkDeployments(workloads: FleetParts["workloads"]): Problem[] {
  const owners = new Map<string, string>();
  return workloads.flatMap(({ name, path, value: { namespace, placement } }) => {
    if (namespace === undefined || placement?.kind === undefined || placement.kind === "every-node") return [];
    const deployments =
      placement.kind === "each-region"
        ? (placement.regions ?? []).flatMap((region) => (region === undefined ? [] : `${name}-${region}`))
        : [name];
    return [...new Set(deployments)].flatMap((deployment) => {
      const owner = owners.get(`${namespace}/${deployment}`);
      owners.set(`${namespace}/${deployment}`, owner ?? name);
      const message = `duplicate Deployment ${deployment}, already that of workload ${owner}: rename one`;
      return owner === undefined ? [] : [{ path: formatPath(path), message }];
    });
  });
}

function checkNamespace({ path, value: { namespace } }: Part<Workload>): Problem[] {
  if (namespace === undefined || !RESERVED_NAMESPACES.includes(namespace)) return [];
  const message = `must not be a namespace reserved for the system, got ${formatValue(namespace)}`;
  return [{ path: formatPath([...path, "namespace"]), message }];
}

/** Checks that names are unique where they must be, and short enough for the objects that they name. */
export function checkNames(fleet: FleetParts): Problem[] {
  const { regions, clusters } = fleet;
  const created = clusters.filter((cluster) => !isExisting(cluster));
  return [
    ...findDuplicateNames(regions, "regions"),
    ...findDuplicateNames(clusters, "clusters"),
    ...clusters.flatMap(({ nodePools }) => findDuplicateNames(nodePools, "node pools of a cluster")),
    ...created.flatMap(checkNodeNames),
    ...checkMachineGroups(created),
    ...checkKeys(fleet),
    ...checkDeployments(fleet.workloads),
    ...fleet.workloads.flatMap(checkNamespace),
  ];
}
