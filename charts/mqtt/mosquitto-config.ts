import { heapMiB, type Sessions } from "../../fleet/broker-memory";
import type { QueueLimits } from "../../fleet/model";
import { checkTopics } from "./topics";

/**
 * Folders and files of a broker, relative to its working directory ({@link MOSQUITTO_HOME} in a pod). The configuration
 * has no absolute paths, so it also works outside a pod.
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

/** Maximum number of concurrent connections to one broker. Many devices may share a client certificate. */
const MAX_CONNECTIONS = 1024;

/** Interval between saves of the queues to disk, in seconds. A crash loses the messages since the last save. */
const AUTOSAVE_SECONDS = 60;

/** Connection of a broker to another one. */
export interface BridgeConfig {
  readonly name: string;
  readonly clientId: string;
  /** Hostname or address, which must be in the certificate of the remote broker. */
  readonly host: string;
  readonly port: number;
  /** Topic filters of the messages that it sends. */
  readonly send: readonly string[];
  /** Topic filters of the messages that it receives. */
  readonly receive: readonly string[];
}

/** Settings of a Mosquitto broker. */
export interface MosquittoConfig {
  /** @default all addresses of the pod */
  readonly listenAddress?: string;
  readonly listenPort: number;
  readonly queue: QueueLimits;
  readonly sessions: Sessions;
  /** @default no bridge */
  readonly bridge?: BridgeConfig;
}

/**
 * Renders `mosquitto.conf` for Mosquitto 2.0.11 and later. The only listener uses TLS and requires a client
 * certificate, whose common name is the user. The file contains paths of secrets, but no secrets.
 *
 * @throws Error if a topic filter of the bridge is malformed
 */
export function renderMosquittoConfig(config: MosquittoConfig): string {
  const { queue } = config;
  const messageBytes = queue.messageKiB * 1024;
  // A packet also contains the topic (up to 64 KiB) and properties. Mosquitto checks its size before reading it.
  const packetBytes = messageBytes + 65_536 + 4096;
  const sections = [
    renderSection("Clients need a certificate of this cluster's authority. The access list grants their topics.", [
      "per_listener_settings false",
      "allow_anonymous false",
      `acl_file ${paths.acl}`,
    ]),
    renderSection("The only listener.", [
      ["listener", config.listenPort, config.listenAddress].filter((word) => word !== undefined).join(" "),
      `cafile ${paths.tls}/ca.crt`,
      `certfile ${paths.tls}/tls.crt`,
      `keyfile ${paths.tls}/tls.key`,
      "tls_version tlsv1.2",
      "require_certificate true",
      "use_identity_as_username true",
      `max_connections ${MAX_CONNECTIONS}`,
    ]),
    renderSection("Limits. A full queue drops new messages.", [
      `max_queued_messages ${queue.messages}`,
      `max_queued_bytes ${queue.memoryMiB * 1024 * 1024}`,
      "max_inflight_messages 20",
      `message_size_limit ${messageBytes}`,
      `max_packet_size ${packetBytes}`,
      `memory_limit ${heapMiB(queue, config.sessions) * 1024 * 1024}`,
      "queue_qos0_messages false",
    ]),
    renderSection("Queues and retained messages are stored on disk.", [
      "persistence true",
      `persistence_location ${paths.data}/`,
      "persistence_file mosquitto.db",
      `autosave_interval ${AUTOSAVE_SECONDS}`,
    ]),
    renderSection("Logs.", [
      "log_dest stderr",
      "log_type error",
      "log_type warning",
      "log_type notice",
      "connection_messages true",
      "log_timestamp_format %Y-%m-%dT%H:%M:%S",
    ]),
    ...(config.bridge === undefined ? [] : [renderBridge(config.bridge, packetBytes)]),
  ];
  return sections.join("\n");
}

function renderBridge({ name, clientId, host, port, send, receive }: BridgeConfig, packetBytes: number): string {
  checkTopics(`bridge of broker ${name}`, [...send, ...receive]);
  return renderSection(
    "Bridge to the cloud broker: connects from here, at least once, queued while the cloud broker is unreachable.",
    [
      `connection ${name}`,
      `address ${host}:${port}`,
      "bridge_protocol_version mqttv50",
      `remote_clientid ${clientId}`,
      `local_clientid local.${clientId}`,
      "cleansession false",
      "local_cleansession false",
      "start_type automatic",
      "keepalive_interval 30",
      // Random delays from 1 s to 60 s, so bridges do not all reconnect at the same time.
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
      ...send.map((topic) => `topic ${topic} out 1`),
      ...receive.map((topic) => `topic ${topic} in 1`),
    ],
  );
}

function renderSection(title: string, lines: readonly string[]): string {
  return [`# ${title}`, ...lines, ""].join("\n");
}
