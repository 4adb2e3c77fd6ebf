import { brokerMemoryMiB, cloudSessions, edgeSessions } from "../broker-memory";
import type { BrokerClient, CloudBroker, NodeRole, QueueLimits } from "../model";
import { formatPath, type Problem, formatValue } from "../problem";
import { doubled } from "./names";
import { type PossiblePool, possiblePools, standsIn } from "./possible-pools";
import type { ClusterPart, Known, Names, Part, Readable } from "./readable";

/** A StatefulSet's pod is `<name>-0`, and its revision label adds eleven characters to the name: 63 in all. */
const LONGEST_NAME = 52;
/** X.509's limit for a common name, which is the user that access lists know. */
const LONGEST_USER = 64;

type Path = readonly PropertyKey[];

const problem = (path: Path, message: string): Problem => ({ path: formatPath(path), message });

function repeatedFilters(path: Path, filters: readonly (string | undefined)[] = []): Problem[] {
  return filters.flatMap((filter, index) =>
    filter !== undefined && filters.indexOf(filter) < index
      ? [
          problem(
            [...path, index],
            `got ${formatValue(filter)}, which ${formatPath([...path, filters.indexOf(filter)])} says already: leave one out`,
          ),
        ]
      : [],
  );
}

function clientProblems({ path, value: client }: Part<BrokerClient>, broker: string): Problem[] {
  const user = `client:${broker}:${client.name}`;
  const topics = client.publish && client.subscribe && client.publish.length + client.subscribe.length;
  return [
    ...(client.name !== undefined && user.length > LONGEST_USER
      ? [
          problem(
            [...path, "name"],
            `its user ${user} has ${user.length} characters, allowed are ${LONGEST_USER}: shorten it or the broker's name`,
          ),
        ]
      : []),
    ...(topics === 0
      ? [problem(path, "may neither publish nor subscribe to anything: state publish or subscribe, or leave it out")]
      : []),
    ...repeatedFilters([...path, "publish"], client.publish),
    ...repeatedFilters([...path, "subscribe"], client.subscribe),
  ];
}

function clientsOf({ path, value: { clients } }: Part<CloudBroker>): Part<BrokerClient>[] {
  return (clients ?? []).flatMap((value, index) => (value ? [{ path: [...path, "clients", index], value }] : []));
}

function queueProblems(path: Path, queue: Known<QueueLimits> = {}): Problem[] {
  const { memoryMiB, messageKiB } = queue;
  if (memoryMiB === undefined || messageKiB === undefined || messageKiB <= memoryMiB * 1024) return [];
  const message = `got ${messageKiB}, at most ${memoryMiB * 1024}, the queue's memoryMiB: a larger message would never fit`;
  return [problem([...path, "queue", "messageKiB"], message)];
}

/** What holds for each broker alone. */
function brokerProblems(broker: Part<CloudBroker>): Problem[] {
  const { path, value } = broker;
  const { name } = value;
  const clients = clientsOf(broker);
  return [
    ...(name !== undefined && name.length > LONGEST_NAME
      ? [problem([...path, "name"], `has ${name.length} characters, allowed are ${LONGEST_NAME}`)]
      : []),
    ...doubled(clients, "clients of a broker"),
    ...clients.flatMap((client) => clientProblems(client, name ?? "")),
    ...queueProblems(path, value.queue),
  ];
}

/** Names of the Secrets that brokers and clients get: see `charts/mqtt/names.ts`. */
function secretProblems(brokers: readonly Part<CloudBroker>[]): Problem[] {
  const holders = new Map<string, string>();
  return brokers.flatMap((broker) => {
    const { name } = broker.value;
    if (name === undefined) return [];
    const clients = clientsOf(broker).flatMap(({ value }) => value.name ?? []);
    const secrets = [`${name}-tls`, `${name}-bridge-tls`, ...clients.map((client) => `${name}-client-${client}`)];
    return secrets.flatMap((secret) => {
      const holder = holders.get(secret);
      holders.set(secret, holder ?? name);
      if (holder === undefined || holder === name) return [];
      const message = `got ${formatValue(name)}: Secret ${secret} would be ${holder}'s too: rename one of the two`;
      return [problem([...broker.path, "name"], message)];
    });
  });
}

/** A broker's pod has to fit a node that it may run on. */
function roomProblems(
  pools: readonly PossiblePool[],
  { path, value }: Part<CloudBroker>,
  sessions: (broker: { clients: readonly BrokerClient[] }) => number,
): Problem[] {
  if (pools.length === 0) return [];
  const { queue, clients, storageGiB = 0 } = value;
  const most = (fact: "memoryMiB" | "diskGiB"): number =>
    Math.max(...pools.map(({ pool }) => pool.capacity?.[fact] ?? Infinity));
  const memory =
    queue?.memoryMiB === undefined || clients === undefined
      ? 0
      : brokerMemoryMiB({ memoryMiB: queue.memoryMiB }, sessions({ clients: clients as BrokerClient[] }));
  return [
    ...(memory > most("memoryMiB")
      ? [
          problem(
            [...path, "queue", "memoryMiB"],
            `got ${queue?.memoryMiB}, with which the broker and its ${clients?.length} clients may need ${memory} MiB: the largest node there has ${most("memoryMiB")}`,
          ),
        ]
      : []),
    ...(storageGiB > most("diskGiB")
      ? [
          problem(
            [...path, "storageGiB"],
            `got ${storageGiB}, the largest disk of a node there has ${most("diskGiB")} GiB`,
          ),
        ]
      : []),
  ];
}

function clusterProblems(cluster: ClusterPart, regionNames: Names): Problem[] {
  const { path, value, brokers, cloudBroker, allPools } = cluster;
  const all = [...(cloudBroker ? [cloudBroker] : []), ...brokers];
  const pools = possiblePools({ clusters: [cluster], regionNames });
  /** Pools whose nodes may stand in a region. Undefined: the region could not be read, or there is none of that name. */
  const standing = (region: string | undefined, role: NodeRole): PossiblePool[] | undefined =>
    region === undefined || !regionNames.known.includes(region)
      ? undefined
      : pools.filter((pool) => standsIn(pool, region, role) !== "no");
  const problems = [
    ...doubled(all, "brokers of a cluster"),
    ...all.flatMap(brokerProblems),
    ...secretProblems(all),
    ...brokers.flatMap((broker) =>
      roomProblems(standing(broker.value.region, "edge-worker") ?? [], broker, edgeSessions),
    ),
    ...(cloudBroker ? roomProblems(standing(value.homeRegion, "cloud-worker") ?? [], cloudBroker, cloudSessions) : []),
  ];
  const limit = cloudBroker?.value.queue?.messageKiB;
  for (const { path: at, value: broker } of brokers) {
    problems.push(...repeatedFilters([...at, "forward"], broker.forward));
    if (allPools && standing(broker.region, "edge-worker")?.length === 0) {
      const message = `got ${formatValue(broker.region)}, where cluster ${cluster.name} has no edge node: add a node pool there, or move the broker`;
      problems.push(problem([...at, "region"], message));
    }
    const largest = broker.queue?.messageKiB;
    if (limit !== undefined && largest !== undefined && largest > limit) {
      const message = `got ${largest}, at most ${limit}, what the cloud broker takes: a larger message would never get through`;
      problems.push(problem([...at, "queue", "messageKiB"], message));
    }
  }
  if (cluster.statesBrokers && !cluster.statesCloudBroker) {
    problems.push(problem([...path, "cloudBroker"], "missing: the cluster's brokers have none to forward to"));
  }
  if (allPools && cloudBroker && standing(value.homeRegion, "cloud-worker")?.length === 0) {
    const message = `cluster ${cluster.name} has no cloud-worker node in its home region ${value.homeRegion}, where its cloud broker runs: add a node pool`;
    problems.push(problem([...path, "cloudBroker"], message));
  }
  return problems;
}

/** Brokers have somewhere to run, and clients topics that exist. */
export const checkBrokers = ({ clusters, regionNames }: Readable): Problem[] =>
  clusters.flatMap((cluster) => clusterProblems(cluster, regionNames));
