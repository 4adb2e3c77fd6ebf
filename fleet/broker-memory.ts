import type { Broker, CloudBroker, QueueLimits } from "./model";

/** Memory for sessions, subscriptions and retained messages, beside the queues, in MiB. */
const BASE_MIB = 32;

/** OpenSSL and the program itself, beside the heap that Mosquitto bounds, in MiB. */
const PROCESS_MIB = 32;

/** Sessions of an edge broker that may hold a queue: its clients, and its bridge. */
export const edgeSessions = (broker: Pick<Broker, "clients">): number => broker.clients.length + 1;

/** Sessions of the cloud broker that may hold a queue: its clients. Bridges only send. */
export const cloudSessions = (cloud: Pick<CloudBroker, "clients">): number => Math.max(1, cloud.clients.length);

/**
 * Heap limit of a broker in MiB: each session may fill its queue, and no more. Past it Mosquitto drops the message and
 * the connection it came by, where the kernel would kill the broker.
 */
export function heapMiB(queue: Pick<QueueLimits, "memoryMiB">, sessions: number): number {
  return queue.memoryMiB * Math.max(1, sessions) + BASE_MIB;
}

/** Memory of a broker's pod in MiB: its heap, and what lies beside it. */
export function brokerMemoryMiB(queue: Pick<QueueLimits, "memoryMiB">, sessions: number): number {
  return heapMiB(queue, sessions) + PROCESS_MIB;
}
