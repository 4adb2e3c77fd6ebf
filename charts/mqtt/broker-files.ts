import { cloudSessions, edgeSessions } from "../../fleet/broker-memory";
import type { Broker, CloudBroker } from "../../fleet/model";
import { aclUser, renderAcl } from "./acl";
import { renderMosquittoConfig, type MosquittoConfig } from "./mosquitto-config";
import { MQTT_PORT, bridgeClientId, bridgeStateTopic, identity, serviceHost } from "./names";

/** Files of a broker's configuration folder. */
export interface BrokerFiles {
  readonly "mosquitto.conf": string;
  readonly acl: string;
  readonly [file: string]: string;
}

/** Addresses of a broker and of the cloud broker. Tests outside a cluster set them. */
export interface Endpoints {
  /** @default all addresses of the pod */
  readonly listenAddress?: string;
  /** @default 8883 */
  readonly listenPort?: number;
  /** Address of the cloud broker. @default its Service */
  readonly cloud?: { readonly host: string; readonly port: number };
}

/** Renders the configuration of an edge broker. It has a bridge to the cloud broker if it forwards any topics. */
export function edgeBrokerFiles(broker: Broker, cloud: CloudBroker, endpoints: Endpoints = {}): BrokerFiles {
  const { host, port } = endpoints.cloud ?? { host: serviceHost(cloud.name), port: MQTT_PORT };
  const { name, forward } = broker;
  return {
    "mosquitto.conf": renderMosquittoConfig({
      ...listenerConfig(endpoints),
      queue: broker.queue,
      sessions: edgeSessions(broker),
      ...(forward.length > 0 && { bridge: { name, clientId: bridgeClientId(name), host, port, forward } }),
    }),
    acl: renderAcl(broker.clients.map((client) => aclUser(identity.client(name, client.name), client))),
  };
}

/** Renders the configuration of the cloud broker. Each bridge may publish the topics that it forwards. */
export function cloudBrokerFiles(
  cloud: CloudBroker,
  brokers: readonly Broker[],
  endpoints: Omit<Endpoints, "cloud"> = {},
): BrokerFiles {
  const bridges = brokers
    .filter(({ forward }) => forward.length > 0)
    .map(({ name, forward }) => ({
      user: identity.bridge(name),
      publish: [...forward, bridgeStateTopic(name)],
      subscribe: [],
    }));
  const clients = cloud.clients.map((client) => aclUser(identity.client(cloud.name, client.name), client));
  return {
    "mosquitto.conf": renderMosquittoConfig({
      ...listenerConfig(endpoints),
      queue: cloud.queue,
      sessions: cloudSessions(cloud),
    }),
    acl: renderAcl([...bridges, ...clients]),
  };
}

function listenerConfig({
  listenAddress,
  listenPort = MQTT_PORT,
}: Endpoints): Pick<MosquittoConfig, "listenAddress" | "listenPort"> {
  return { listenPort, ...(listenAddress !== undefined && { listenAddress }) };
}
