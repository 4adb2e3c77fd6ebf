/** The part of the fleet model about MQTT brokers. */

/** Limits of a broker's queues. A full queue drops new messages. */
export interface QueueLimits {
  /** Messages queued per disconnected or slow client. @default 10000 */
  readonly messages: number;
  /** Size of the queue per client in MiB. @default 64 */
  readonly memoryMiB: number;
  /** Largest accepted message in KiB. @default 256 */
  readonly messageKiB: number;
}

/** An MQTT client of a broker, with the topics that it may use. */
export interface BrokerClient {
  /** DNS label, unique in the broker. */
  readonly name: string;
  /** Topic filters that the client may publish to. @default [] */
  readonly publish: readonly string[];
  /** Topic filters that the client may subscribe to. @default [] */
  readonly subscribe: readonly string[];
}

/** An MQTT broker in an edge region, bridged to the cloud broker of its cluster. */
export interface Broker {
  /** Service name, unique in the cluster, of at most 52 characters. */
  readonly name: string;
  /** Name of the region. The cluster must have an edge node there. */
  readonly region: string;
  /** Topic filters forwarded to the cloud broker. @default ["sensors/#"] */
  readonly forward: readonly string[];
  /** Clients that may connect. @default [] */
  readonly clients: readonly BrokerClient[];
  /** @default - the defaults of its fields */
  readonly queue: QueueLimits;
  /** Size in GiB of the local volume that keeps the queues across restarts. @default 1 */
  readonly storageGiB: number;
}

/** The MQTT broker in the home region of a cluster, to which its edge brokers bridge. */
export interface CloudBroker {
  /** @default "cloud" */
  readonly name: string;
  /** Clients that may connect. @default [] */
  readonly clients: readonly BrokerClient[];
  /** @default - the defaults of its fields */
  readonly queue: QueueLimits;
  /** Size in GiB of the local volume that keeps the queues across restarts. @default 8 */
  readonly storageGiB: number;
}
