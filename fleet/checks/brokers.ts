import { brokerMemoryMiB, cloudSessions, edgeSessions, type Sessions } from "../broker-memory";
import type { BrokerClient, CloudBroker, NodeRole, QueueLimits } from "../model";
import { formatPath, formatValue, type Problem } from "../problem";
import { MAX_NAME_LENGTH, MAX_USER_LENGTH } from "./broker-names";
import { findDuplicateNames, findDuplicates } from "./duplicates";
import { readAgents } from "./edge-agents";
import type { ClusterPart, DeepPartial, FleetParts, NameList, Part } from "./fleet-parts";
import { findPossiblePools, isInRegion, type PossiblePool } from "./possible-pools";

type Path = readonly PropertyKey[];

const toProblem = (path: Path, message: string): Problem => ({ path: formatPath(path), message });

function checkClient({ path, value: client }: Part<BrokerClient>, broker: string): Problem[] {
  const user = `client:${broker}:${client.name}`;
  const rule = `must give a user name of at most ${MAX_USER_LENGTH} characters, got ${formatValue(client.name)}`;
  const topics = client.publish && client.subscribe && client.publish.length + client.subscribe.length;
  return [
    ...(client.name !== undefined && user.length > MAX_USER_LENGTH
      ? [toProblem([...path, "name"], `${rule}: ${user} has ${user.length}; shorten it or the broker's name`)]
      : []),
    ...(topics === 0
      ? [toProblem(path, "must publish or subscribe to at least one topic: set publish or subscribe, or remove it")]
      : []),
    ...findDuplicates([...path, "publish"], client.publish),
    ...findDuplicates([...path, "subscribe"], client.subscribe),
  ];
}

function getClients({ path, value: { clients } }: Part<CloudBroker>): Part<BrokerClient>[] {
  return (clients ?? []).flatMap((value, index) => (value ? [{ path: [...path, "clients", index], value }] : []));
}

function checkQueue(path: Path, queue: DeepPartial<QueueLimits> = {}): Problem[] {
  const { memoryMiB, messageKiB } = queue;
  if (memoryMiB === undefined || messageKiB === undefined || messageKiB <= memoryMiB * 1024) return [];
  const message = `must be at most ${memoryMiB * 1024}, the queue's memoryMiB, got ${messageKiB}`;
  return [toProblem([...path, "queue", "messageKiB"], message)];
}

/** Checks a broker by itself. */
function checkBroker(broker: Part<CloudBroker>): Problem[] {
  const { path, value } = broker;
  const { name } = value;
  const clients = getClients(broker);
  return [
    ...(name !== undefined && name.length > MAX_NAME_LENGTH
      ? [toProblem([...path, "name"], `must be at most ${MAX_NAME_LENGTH} characters, got ${name.length}`)]
      : []),
    ...findDuplicateNames(clients, "clients of a broker"),
    ...clients.flatMap((client) => checkClient(client, name ?? "")),
    ...checkQueue(path, value.queue),
  ];
}

/** Checks that brokers and their clients share no Secret. Their names follow from `charts/mqtt/names.ts`. */
function checkSecrets(brokers: readonly Part<CloudBroker>[]): Problem[] {
  const owners = new Map<string, string>();
  return brokers.flatMap((broker) => {
    const { name } = broker.value;
    if (name === undefined) return [];
    const clients = getClients(broker).flatMap(({ value }) => value.name ?? []);
    const secrets = [`${name}-tls`, `${name}-bridge-tls`, ...clients.map((client) => `${name}-client-${client}`)];
    return secrets.flatMap((secret) => {
      const owner = owners.get(secret);
      owners.set(secret, owner ?? name);
      if (owner === undefined || owner === name) return [];
      const message = `duplicate Secret ${secret}, already that of broker ${owner}, got ${formatValue(name)}: rename one`;
      return [toProblem([...broker.path, "name"], message)];
    });
  });
}

/** Checks that a broker's pod fits a node that it may run on. */
function checkFit(
  pools: readonly PossiblePool[],
  { path, value }: Part<CloudBroker>,
  countSessions: (broker: Pick<CloudBroker, "name" | "clients">) => Sessions,
): Problem[] {
  if (pools.length === 0) return [];
  const { queue, clients, storageGiB = 0 } = value;
  const max = (field: "memoryMiB" | "diskGiB"): number =>
    Math.max(...pools.map(({ pool }) => pool.capacity?.[field] ?? Infinity));
  const memory =
    queue?.memoryMiB === undefined || clients === undefined
      ? 0
      : brokerMemoryMiB(
          { memoryMiB: queue.memoryMiB },
          countSessions({ name: value.name ?? "", clients: clients as BrokerClient[] }),
        );
  return [
    ...(memory > max("memoryMiB")
      ? [
          toProblem(
            [...path, "queue", "memoryMiB"],
            `must let the broker fit on a node, got ${queue?.memoryMiB}: with ${clients?.length} clients the broker may need ${memory} MiB, and the largest node it may run on has ${max("memoryMiB")} MiB`,
          ),
        ]
      : []),
    ...(storageGiB > max("diskGiB")
      ? [
          toProblem(
            [...path, "storageGiB"],
            `must be at most ${max("diskGiB")}, the largest disk of the nodes it may run on, got ${storageGiB}`,
          ),
        ]
      : []),
  ];
}

function checkCluster(cluster: ClusterPart, regionNames: NameList): Problem[] {
  const { path, value, brokers, cloudBroker, allPools } = cluster;
  const allBrokers = [...(cloudBroker ? [cloudBroker] : []), ...brokers];
  const readable = readAgents(cluster);
  const pools = findPossiblePools({ clusters: [cluster], regionNames });
  /** Finds the pools that may be in a region. Undefined if the region could not be read or does not exist. */
  const poolsIn = (region: string | undefined, role: NodeRole): PossiblePool[] | undefined =>
    region === undefined || !regionNames.names.includes(region)
      ? undefined
      : pools.filter((pool) => isInRegion(pool, region, role) !== "no");
  const problems = [
    ...findDuplicateNames(allBrokers, "brokers of a cluster"),
    ...allBrokers.flatMap(checkBroker),
    ...checkSecrets(allBrokers),
    ...brokers.flatMap((broker) =>
      checkFit(poolsIn(broker.value.region, "edge-worker") ?? [], broker, (each) => edgeSessions(readable, each)),
    ),
    ...(cloudBroker
      ? checkFit(poolsIn(value.homeRegion, "cloud-worker") ?? [], cloudBroker, (each) => cloudSessions(readable, each))
      : []),
  ];
  const maxMessageKiB = cloudBroker?.value.queue?.messageKiB;
  for (const { path: at, value: broker } of brokers) {
    problems.push(...findDuplicates([...at, "forward"], broker.forward));
    if (allPools && poolsIn(broker.region, "edge-worker")?.length === 0) {
      const rule = `must be a region with an edge node of cluster ${cluster.name}, got ${formatValue(broker.region)}`;
      problems.push(toProblem([...at, "region"], `${rule}: add a node pool there, or move the broker`));
    }
    const messageKiB = broker.queue?.messageKiB;
    if (maxMessageKiB !== undefined && messageKiB !== undefined && messageKiB > maxMessageKiB) {
      const message = `must be at most ${maxMessageKiB}, the limit of the cloud broker, got ${messageKiB}`;
      problems.push(toProblem([...at, "queue", "messageKiB"], message));
    }
  }
  if (cluster.hasBrokers && !cluster.hasCloudBroker) {
    const message = "missing required field: the brokers of the cluster need a cloud broker to forward to";
    problems.push(toProblem([...path, "cloudBroker"], message));
  }
  if (allPools && cloudBroker && poolsIn(value.homeRegion, "cloud-worker")?.length === 0) {
    const message = `must have a cloud-worker node of cluster ${cluster.name} in home region ${value.homeRegion} to run on: add a node pool`;
    problems.push(toProblem([...path, "cloudBroker"], message));
  }
  return problems;
}

/** Checks that brokers have nodes to run on, unique names and Secrets, and limits that let messages through. */
export const checkBrokers = ({ clusters, regionNames }: FleetParts): Problem[] =>
  clusters.flatMap((cluster) => checkCluster(cluster, regionNames));
