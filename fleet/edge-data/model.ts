/** Edge data: agents that keep messages on the disks of nodes, and the ingest that stores them in the cloud's database. */

/** What an outbox does with a message that does not fit. */
export type FullPolicy = "Refuse" | "DropOldest";

/**
 * A class of messages, with space of its own in the outbox of a node. The space follows from the rate of the messages and
 * the longest outage; a fleet whose devices lack it is refused.
 */
export interface OutboxClass {
  /** DNS label, unique among the classes. It is part of the topic. */
  readonly name: string;
  /** Messages per second of one node, on average. */
  readonly messagesPerSecond: number;
  /** Size of a message in bytes, on average, with its envelope of about 150 bytes. At most `maxMessageBytes`. */
  readonly messageBytes: number;
  /** Largest message in bytes, with its envelope. @default 65536 */
  readonly maxMessageBytes: number;
  /** Longest time in days that a node is without the cloud's database and loses no message. */
  readonly outageDays: number;
  /** Whether a full class refuses new messages or drops its oldest. */
  readonly whenFull: FullPolicy;
  /** Age in days at which messages are dropped, at least `outageDays`. @default - no limit */
  readonly maxAgeDays?: number;
}

/** A sine wave with noise, for trials. Equal settings and seeds give equal readings. */
export interface SimulatedSensor {
  /** @default 0 */
  readonly mean?: number;
  /** @default 0 */
  readonly amplitude?: number;
  /** Length of the wave in seconds, at least 1. @default 3600 */
  readonly periodSeconds?: number;
  /** Standard deviation of the noise. @default 0 */
  readonly noise?: number;
  /** @default 0 */
  readonly seed?: number;
}

/** A register of a Modbus/TCP device. The reading is its value times `scale` plus `offset`. */
export interface ModbusSensor {
  /** `host:port`. */
  readonly address: string;
  /** @default 1 */
  readonly unitID?: number;
  readonly register: number;
  /** @default "holding" */
  readonly table?: "holding" | "input";
  /** @default "uint16" */
  readonly type?: "uint16" | "int16" | "uint32" | "int32" | "float32";
  /** Order of the words of values of 32 bits. @default "high-first" */
  readonly wordOrder?: "high-first" | "low-first";
  /** @default 1 */
  readonly scale?: number;
  /** @default 0 */
  readonly offset?: number;
}

/**
 * A sensor that every agent reads. Exactly one of `simulated` and `modbus` must be set: the drivers that need nothing of the node
 * but its network.
 */
export interface EdgeSensor {
  /** DNS label, unique among the sensors. */
  readonly name: string;
  /** Name of the class that keeps the readings. */
  readonly class: string;
  /** UCUM code of the unit, such as `Cel`. */
  readonly unit: string;
  /** Time between two readings in seconds. @default 10 */
  readonly intervalSeconds: number;
  readonly simulated?: SimulatedSensor;
  readonly modbus?: ModbusSensor;
}

/** The class of the devices' messages on some topics. */
export interface EdgeRoute {
  /** Topic filter. It must not begin with `skerry`. */
  readonly filter: string;
  /** Name of the class. */
  readonly class: string;
}

/**
 * Where devices publish: at the broker, to which the agent of the first node subscribes, or at the own listener of each agent, on
 * port 8883, which acknowledges a message only when it is on disk. The listener accepts every client certificate of the
 * cluster's brokers.
 */
export type EdgeRelay = "broker" | "listener";

/**
 * Edge agents: one on each node of some pools. An agent keeps readings and devices' messages in its outbox until the cloud's
 * database has them. Each has a certificate, with which it can publish only under the name of its node.
 */
export interface EdgeAgents {
  /** DNS label, unique among the edge agents of the cluster. The objects of a node are named `<name>-<node>`. */
  readonly name: string;
  /** Names of the node pools. Every node of them gets an agent. */
  readonly nodePools: readonly string[];
  /**
   * Name of the broker that the agents send to, and subscribe to.
   *
   * @default - the broker of the node's region, or the cloud broker if the region has none
   */
  readonly broker?: string;
  /** @default [] */
  readonly sensors: readonly EdgeSensor[];
  /** Classes of devices' messages by topic. The first route that matches counts. @default [] */
  readonly routes: readonly EdgeRoute[];
  /** @default "broker" */
  readonly relay: EdgeRelay;
  /**
   * Topic filters at the broker on which devices await the answers to their requests (MQTT 5), and to which the agents may
   * publish.
   *
   * @default []
   */
  readonly responses: readonly string[];
  /** The classes of the outbox. */
  readonly classes: readonly OutboxClass[];
  /** Size in GiB of the local volume of the outbox. @default - what the classes need */
  readonly storageGiB?: number;
}

/** The PostgreSQL database that stores the messages. */
export interface EdgeDatabase {
  /** Host name or address. */
  readonly host: string;
  /** @default 5432 */
  readonly port: number;
  /** Name of the database. */
  readonly name: string;
  /** Name of the user. */
  readonly user: string;
  /**
   * Secret in the namespace `mqtt` that you create, with the keys `password` and `ca.crt`: the authority of the database's
   * certificate (PEM).
   */
  readonly secret: string;
}

/** A SQLite database on a local volume of the ingest's node, for trials and the lab: it is lost with its node. */
export interface EdgeSqlite {
  /** Size of the volume in GiB. @default 1 */
  readonly storageGiB: number;
}

/**
 * The program that stores the messages of all edge agents of a cluster, and acknowledges them. It runs beside the cloud broker.
 * Exactly one of `database` and `sqlite` must be set.
 */
export interface EdgeIngest {
  readonly database?: EdgeDatabase;
  readonly sqlite?: EdgeSqlite;
}

/**
 * The programs that hold the state of the cluster's sites and of the cloud, and make them the same. Each edge broker is a site, of
 * the broker's name: a site-sync runs in its region with a SQLite database, passes the desired state to the agents at that broker
 * as their configuration, and stores what they report. One more runs beside the cloud broker.
 */
export interface SiteSync {
  /** Size in GiB of the local volume of each database. @default 1 */
  readonly storageGiB: number;
}
