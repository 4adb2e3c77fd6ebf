import { type EdgeCluster, edgeAgentNodes, relaysFromBroker } from "./edge-data/agent-nodes";
import type { Broker, CloudBroker, QueueLimits } from "./model";

/** Memory for sessions, subscriptions and retained messages, in addition to the queues, in MiB. */
const BASE_MIB = 32;

/** Memory for OpenSSL and the program, in addition to the heap that Mosquitto limits, in MiB. */
const PROCESS_MIB = 32;

/**
 * Memory for the acknowledgements to one edge agent that is not connected, in MiB. An agent has at most 1,000 messages on
 * their way, so at most 1,000 acknowledgements of about 100 bytes wait for it.
 */
const ACKNOWLEDGEMENTS_MIB = 1;

/** The sessions of a broker for which messages may wait. */
export interface Sessions {
  /** Sessions that may fill their queue: clients, and a bridge that forwards. */
  readonly full: number;
  /** Edge agents whose acknowledgements may wait, in a session of their own or in that of their region's bridge. */
  readonly agents: number;
}

/** Returns the sessions of an edge broker: its clients, its bridge, its site-sync, and its edge agents. */
export function edgeSessions(cluster: EdgeCluster, broker: Pick<Broker, "name" | "clients">): Sessions {
  const agents = edgeAgentNodes(cluster).filter((agent) => agent.broker === broker.name);
  // Devices' messages wait for agents that subscribe to them.
  const subscribers = agents.filter(relaysFromBroker);
  const siteSync = cluster.siteSync ? 1 : 0;
  return { full: broker.clients.length + 1 + siteSync + subscribers.length, agents: agents.length };
}

/** Returns the sessions of the cloud broker: its clients, the ingest, site-sync of all sites, and the agents of all regions. */
export function cloudSessions(cluster: EdgeCluster, cloud: Pick<CloudBroker, "name" | "clients">): Sessions {
  const agents = edgeAgentNodes(cluster);
  const subscribers = agents.filter((agent) => agent.broker === cloud.name && relaysFromBroker(agent));
  const programs = (cluster.edgeIngest ? 1 : 0) + (cluster.siteSync ? 1 + cluster.brokers.length : 0);
  const clients = cloud.clients.length + programs + subscribers.length;
  return { full: Math.max(1, clients), agents: agents.length };
}

/** Returns the memory of all queues of a broker in MiB, when every session has filled its own. */
export const queuesMiB = (queue: Pick<QueueLimits, "memoryMiB">, { full, agents }: Sessions): number =>
  queue.memoryMiB * Math.max(1, full) + ACKNOWLEDGEMENTS_MIB * agents;

/**
 * Returns the heap limit of a broker in MiB, with which every session can fill its queue. Beyond it, Mosquitto drops the
 * message and its connection; without it, the kernel would kill the broker.
 */
export function heapMiB(queue: Pick<QueueLimits, "memoryMiB">, sessions: Sessions): number {
  return queuesMiB(queue, sessions) + BASE_MIB;
}

/** Returns the memory limit of a broker's pod in MiB. */
export function brokerMemoryMiB(queue: Pick<QueueLimits, "memoryMiB">, sessions: Sessions): number {
  return heapMiB(queue, sessions) + PROCESS_MIB;
}
