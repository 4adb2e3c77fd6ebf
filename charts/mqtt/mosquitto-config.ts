import { heapMiB } from "../../fleet/broker-memory";
import type { QueueLimits } from "../../fleet/model";
import { checkTopics } from "./topics";

/**
 * Folders and files of a broker, relative to its working directory ({@link MOSQUITTO_HOME} in a pod). Nothing in the
 * configuration is absolute, so the same bytes run wherever these folders lie.
 */
export const paths = {
  config: "config",
  configFile: "config/mosquitto.conf",
  acl: "config/acl",
  data: "data",
  tls: "tls",
  bridgeTls: "bridge-tls",
} as const;

/** Working directory of a broker's container. */
export const MOSQUITTO_HOME = "/mosquitto";

/** Connections at once, to one broker. A client's certificate may be shared by many devices. */
export const MAX_CONNECTIONS = 1024;

/** Seconds between saves of the queues to disk; a crash (not a stop) loses what came in since the last one. */
export const AUTOSAVE_SECONDS = 60;

/** How a broker reaches the one it forwards to. */
export interface BridgeConfig {
  readonly name: string;
  readonly clientId: string;
  /** Host name or address; its certificate must carry it. */
  readonly host: string;
  readonly port: number;
  /** Topic filters sent on, at least one. */
  readonly forward: readonly string[];
}

export interface MosquittoConfig {
  /** @default every address of the pod */
  readonly listenAddress?: string;
  readonly listenPort: number;
  readonly queue: QueueLimits;
  /** Sessions that may hold a full queue: clients, and the bridge. */
  readonly sessions: number;
  /** @default no bridge */
  readonly bridge?: BridgeConfig;
}

/**
 * `mosquitto.conf` for Mosquitto 2.0.11 and later. One listener: TLS, with a client certificate whose common name is
 * the user. No secret material, only paths to it.
 *
 * @throws Error when a forwarded topic filter is malformed
 */
export function renderMosquittoConfig(config: MosquittoConfig): string {
  const { queue } = config;
  const messageBytes = queue.messageKiB * 1024;
  // The packet also carries the topic (up to 64 KiB) and the properties; its bound is checked before it is read.
  const packetBytes = messageBytes + 65_536 + 4096;
  const sections = [
    section("Who may connect: holders of a certificate of our authority. What they may do: the access list.", [
      "per_listener_settings false",
      "allow_anonymous false",
      `acl_file ${paths.acl}`,
    ]),
    section("The only listener.", [
      ["listener", config.listenPort, config.listenAddress].filter((word) => word !== undefined).join(" "),
      `cafile ${paths.tls}/ca.crt`,
      `certfile ${paths.tls}/tls.crt`,
      `keyfile ${paths.tls}/tls.key`,
      "tls_version tlsv1.2",
      "require_certificate true",
      "use_identity_as_username true",
      `max_connections ${MAX_CONNECTIONS}`,
    ]),
    section("Bounds. A full queue drops its newest message.", [
      `max_queued_messages ${queue.messages}`,
      `max_queued_bytes ${queue.memoryMiB * 1024 * 1024}`,
      "max_inflight_messages 20",
      `message_size_limit ${messageBytes}`,
      `max_packet_size ${packetBytes}`,
      `memory_limit ${heapMiB(queue, config.sessions) * 1024 * 1024}`,
      "queue_qos0_messages false",
    ]),
    section("Queues and retained messages outlive the process.", [
      "persistence true",
      `persistence_location ${paths.data}/`,
      "persistence_file mosquitto.db",
      `autosave_interval ${AUTOSAVE_SECONDS}`,
    ]),
    section("Logs.", [
      "log_dest stderr",
      "log_type error",
      "log_type warning",
      "log_type notice",
      "connection_messages true",
      "log_timestamp_format %Y-%m-%dT%H:%M:%S",
    ]),
    ...(config.bridge === undefined ? [] : [bridge(config.bridge, packetBytes)]),
  ];
  return sections.join("\n");
}

function bridge({ name, clientId, host, port, forward }: BridgeConfig, packetBytes: number): string {
  checkTopics(`forward of broker ${name}`, forward);
  return section("The way to the cloud: outwards only, at least once, queued here while the cloud is out of reach.", [
    `connection ${name}`,
    `address ${host}:${port}`,
    "bridge_protocol_version mqttv50",
    `remote_clientid ${clientId}`,
    `local_clientid local.${clientId}`,
    "cleansession false",
    "local_cleansession false",
    "start_type automatic",
    "keepalive_interval 30",
    // Jittered from 1 s to 60 s, so that a returning cloud broker is not stormed.
    "restart_timeout 1 60",
    "try_private true",
    "notifications true",
    "bridge_attempt_unsubscribe false",
    `bridge_max_packet_size ${packetBytes}`,
    `bridge_cafile ${paths.bridgeTls}/ca.crt`,
    `bridge_certfile ${paths.bridgeTls}/tls.crt`,
    `bridge_keyfile ${paths.bridgeTls}/tls.key`,
    "bridge_insecure false",
    "bridge_tls_version tlsv1.2",
    ...forward.map((topic) => `topic ${topic} out 1`),
  ]);
}

function section(title: string, lines: readonly string[]): string {
  return [`# ${title}`, ...lines, ""].join("\n");
}
