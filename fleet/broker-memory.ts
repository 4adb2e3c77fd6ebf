import type { Broker, CloudBroker, QueueLimits } from "./model";

/** Memory for sessions, subscriptions and retained messages, in addition to the queues, in MiB. */
const BASE_MIB = 32;

/** Memory for OpenSSL and the program, in addition to the heap that Mosquitto limits, in MiB. */
const PROCESS_MIB = 32;

/** Returns the number of an edge broker's sessions that may have a queue: its clients and its bridge. */
export const edgeSessions = (broker: Pick<Broker, "clients">): number => broker.clients.length + 1;

/** Returns the number of the cloud broker's sessions that may have a queue: its clients. Bridges only send. */
export const cloudSessions = (cloud: Pick<CloudBroker, "clients">): number => Math.max(1, cloud.clients.length);

/**
 * Returns the heap limit of a broker in MiB, with which every session can fill its queue. Beyond it, Mosquitto drops the
 * message and its connection; without it, the kernel would kill the broker.
 */
export function heapMiB(queue: Pick<QueueLimits, "memoryMiB">, sessions: number): number {
  return queue.memoryMiB * Math.max(1, sessions) + BASE_MIB;
}

/** Returns the memory limit of a broker's pod in MiB. */
export function brokerMemoryMiB(queue: Pick<QueueLimits, "memoryMiB">, sessions: number): number {
  return heapMiB(queue, sessions) + PROCESS_MIB;
}
