import { cloudSessions, edgeSessions, type Sessions } from "../../fleet/broker-memory";
import { nodesAt } from "../../fleet/edge-data/agent-nodes";
import { clientsOf } from "../../fleet/edge-data/broker-clients";
import { nodeTopics } from "../../fleet/edge-data/topics";
import type { Broker, BrokerClient, CloudBroker, ClusterSpec, QueueLimits } from "../../fleet/model";

/** Topics that pass a bridge. */
export interface BridgeTopics {
  /** Topic filters that the edge broker sends. */
  readonly send: readonly string[];
  /** Topic filters that the edge broker receives. @default [] */
  readonly receive?: readonly string[];
}

/** What the configuration of a broker is rendered from. */
export interface BrokerSettings {
  /** Name of its Service. At most 52 characters. */
  readonly name: string;
  readonly clients: readonly BrokerClient[];
  /** Bridge to the broker of that name. @default - none */
  readonly bridge?: BridgeTopics & { readonly to: string };
  /** Brokers whose bridges end here, by name. @default - none */
  readonly bridges?: Readonly<Record<string, BridgeTopics>>;
  readonly queue: QueueLimits;
  /** @default - each client and a bridge may fill their queue */
  readonly sessions?: Sessions;
}

const hasTopics = ({ send, receive = [] }: BridgeTopics): boolean => send.length + receive.length > 0;

/**
 * Returns the topics that an edge broker exchanges with the cloud broker: those that it forwards, and those of the edge agents
 * that connect to it. Undefined if there are none.
 */
export function bridgeTopics(cluster: ClusterSpec, { name, forward }: Broker): BridgeTopics | undefined {
  const nodes = nodesAt(cluster, name).map(nodeTopics);
  const topics = {
    send: [...forward, ...nodes.flatMap(({ publish }) => publish)],
    receive: nodes.flatMap(({ subscribe }) => subscribe),
  };
  return hasTopics(topics) ? topics : undefined;
}

/** Returns the settings of an edge broker. */
export function edgeBrokerSettings(cluster: ClusterSpec, broker: Broker): BrokerSettings {
  const { cloudBroker } = cluster;
  const topics = bridgeTopics(cluster, broker);
  return {
    name: broker.name,
    clients: clientsOf(cluster, broker),
    queue: broker.queue,
    sessions: edgeSessions(cluster, broker),
    ...(topics && cloudBroker && { bridge: { ...topics, to: cloudBroker.name } }),
  };
}

/** Returns the settings of a cluster's cloud broker. */
export function cloudBrokerSettings(cluster: ClusterSpec, cloud: CloudBroker): BrokerSettings {
  const bridges = cluster.brokers.flatMap((broker) => {
    const topics = bridgeTopics(cluster, broker);
    return topics ? [[broker.name, topics] as const] : [];
  });
  return {
    name: cloud.name,
    clients: clientsOf(cluster, cloud),
    bridges: Object.fromEntries(bridges),
    queue: cloud.queue,
    sessions: cloudSessions(cluster, cloud),
  };
}

/** Returns the sessions for which a broker may have to keep messages. */
export const sessionsOf = ({ sessions, clients, bridge }: BrokerSettings): Sessions =>
  sessions ?? { full: clients.length + (bridge ? 1 : 0), agents: 0 };
