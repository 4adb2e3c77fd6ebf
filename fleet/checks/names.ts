import { DNS_LABEL_RULE, ENV_NAME_RULE, isDnsLabel, isEnvName } from "../reading/forms";
import { lastNodeName } from "../nodes";
import { formatPath, type Problem, formatValue } from "../problem";
import type { Workload } from "../model";
import type { ClusterPart, Part, Readable } from "./readable";

/** Linux's limit for a host name, and Kubernetes' for the label that carries a node's name. */
const LONGEST_NODE_NAME = 63;

/** Namespaces that the program, or Kubernetes, keeps for itself. */
const KEPT = ["skerry-system", "mqtt", "kube-system", "kube-public", "kube-node-lease"];

/** What follows a cluster's name in the names of its servers. */
const SERVER_SUFFIX = "server";

/** Items whose names are the same, but for the first of each. */
export function doubled(items: readonly Part<{ readonly name: string }>[], what: string): Problem[] {
  const first = new Map<string, string>();
  return items.flatMap(({ path, value: { name } }) => {
    if (name === undefined) return [];
    const at = formatPath([...path, "name"]);
    const before = first.get(name);
    first.set(name, before ?? at);
    return before
      ? [{ path: at, message: `got ${formatValue(name)}, which ${before} has: ${what} need names of their own` }]
      : [];
  });
}

function tooLong(path: readonly PropertyKey[], name: string, count: number): Problem[] {
  const node = lastNodeName({ name, count });
  if (node.length <= LONGEST_NODE_NAME) return [];
  const stated = name.endsWith(`-${SERVER_SUFFIX}`) ? name.slice(0, -SERVER_SUFFIX.length - 1) : name;
  const message = `got ${formatValue(stated)}: its node ${node} has ${node.length} characters, allowed are ${LONGEST_NODE_NAME}`;
  return [{ path: formatPath([...path, "name"]), message }];
}

function nodeNameProblems({ path, value, nodePools }: ClusterPart): Problem[] {
  const servers = value.name === undefined ? [] : tooLong(path, `${value.name}-${SERVER_SUFFIX}`, value.servers ?? 1);
  const pools = nodePools.flatMap((pool) =>
    pool.value.name === undefined ? [] : tooLong(pool.path, pool.value.name, pool.value.count ?? 1),
  );
  return [...servers, ...pools];
}

interface MachineGroup {
  readonly cluster: string | undefined;
  readonly name: string | undefined;
  /** Who they are, for people. */
  readonly who: string;
  readonly at: readonly PropertyKey[];
}

/** Groups of machines are called `<cluster>-<pool>` and `<cluster>-server` everywhere outside of their cluster. */
function machineGroupProblems(clusters: readonly ClusterPart[]): Problem[] {
  const groups = clusters.flatMap(({ path, value: { name: cluster }, nodePools }): MachineGroup[] => [
    { cluster, name: SERVER_SUFFIX, who: `the servers of ${cluster}`, at: [...path, "name"] },
    ...nodePools.map(({ path: at, value: { name } }) => ({ cluster, name, who: `pool ${name} of ${cluster}`, at })),
  ]);
  const first = new Map<string, MachineGroup>();
  return groups.flatMap((group) => {
    if (group.cluster === undefined || group.name === undefined) return [];
    const called = `${group.cluster}-${group.name}`;
    const before = first.get(called);
    first.set(called, before ?? group);
    // Two clusters or two pools of one name are reported as that.
    if (before === undefined || before.who === group.who) return [];
    const message = `machines of ${group.who} would be called ${called}, as those of ${before.who}: rename one`;
    return [{ path: formatPath([...group.at, ...(group.at.at(-1) === "name" ? [] : ["name"])]), message }];
  });
}

/** Keys are no values of their own, so that the schema can say nothing of them without losing what they lead to. */
function keyProblems({ workloads }: Readable): Problem[] {
  return workloads.flatMap(({ name, path, value }) => [
    ...(isDnsLabel(name) ? [] : [{ path: formatPath(path), message: `key ${formatValue(name)}: ${DNS_LABEL_RULE}` }]),
    ...Object.keys(value.env ?? {})
      .filter((key) => !isEnvName(key))
      .map((key) => ({ path: formatPath([...path, "env", key]), message: `key ${formatValue(key)}: ${ENV_NAME_RULE}` })),
  ]);
}

/** Workloads become objects of these names; two of one kind, namespace and name would be one. */
function objectProblems(workloads: Readable["workloads"]): Problem[] {
  const holders = new Map<string, string>();
  return workloads.flatMap(({ name, path, value: { namespace, placement } }) => {
    if (namespace === undefined || placement?.kind === undefined || placement.kind === "every-node") return [];
    const objects =
      placement.kind === "each-region"
        ? (placement.regions ?? []).flatMap((region) => (region === undefined ? [] : `${name}-${region}`))
        : [name];
    return [...new Set(objects)].flatMap((object) => {
      const before = holders.get(`${namespace}/${object}`);
      holders.set(`${namespace}/${object}`, before ?? name);
      if (before === undefined) return [];
      return [
        { path: formatPath(path), message: `its Deployment ${object} would be ${before}'s too: rename one of the two` },
      ];
    });
  });
}

function namespaceProblems({ path, value: { namespace } }: Part<Workload>): Problem[] {
  if (namespace === undefined || !KEPT.includes(namespace)) return [];
  const message = `got ${formatValue(namespace)}, which is kept for the system: choose another namespace`;
  return [{ path: formatPath([...path, "namespace"]), message }];
}

/** Names are unique where they must be, and fit where Kubernetes puts them. */
export function checkNames(fleet: Readable): Problem[] {
  const { regions, clusters } = fleet;
  return [
    ...doubled(regions, "regions"),
    ...doubled(clusters, "clusters"),
    ...clusters.flatMap(({ nodePools }) => doubled(nodePools, "node pools of a cluster")),
    ...clusters.flatMap(nodeNameProblems),
    ...machineGroupProblems(clusters),
    ...keyProblems(fleet),
    ...objectProblems(fleet.workloads),
    ...fleet.workloads.flatMap(namespaceProblems),
  ];
}
