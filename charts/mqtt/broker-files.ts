import { cloudSessions, edgeSessions } from "../../fleet/broker-memory";
import type { Broker, CloudBroker } from "../../fleet/model";
import { aclUser, renderAcl } from "./acl";
import { renderMosquittoConfig, type MosquittoConfig } from "./mosquitto-config";
import { MQTT_PORT, bridgeClientId, bridgeStateTopic, identity, serviceHost } from "./names";

/** Content of a broker's configuration folder, by file name. */
export interface BrokerFiles {
  readonly "mosquitto.conf": string;
  readonly acl: string;
  readonly [file: string]: string;
}

/** Where a broker listens and finds the cloud broker. In a cluster all of it is settled; elsewhere it is given. */
export interface Endpoints {
  /** @default every address of the pod */
  readonly listenAddress?: string;
  /** @default 8883 */
  readonly listenPort?: number;
  /** @default the cloud broker's Service */
  readonly cloud?: { readonly host: string; readonly port: number };
}

/** What an edge broker runs with: its clients' access, and a bridge to the cloud broker unless it forwards nothing. */
export function edgeBrokerFiles(broker: Broker, cloud: CloudBroker, endpoints: Endpoints = {}): BrokerFiles {
  const { host, port } = endpoints.cloud ?? { host: serviceHost(cloud.name), port: MQTT_PORT };
  const { name, forward } = broker;
  return {
    "mosquitto.conf": renderMosquittoConfig({
      ...listener(endpoints),
      queue: broker.queue,
      sessions: edgeSessions(broker),
      ...(forward.length > 0 && { bridge: { name, clientId: bridgeClientId(name), host, port, forward } }),
    }),
    acl: renderAcl(broker.clients.map((client) => aclUser(identity.client(name, client.name), client))),
  };
}

/** What the cloud broker runs with: its clients' access, and leave for each bridge to write what it forwards. */
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
      ...listener(endpoints),
      queue: cloud.queue,
      sessions: cloudSessions(cloud),
    }),
    acl: renderAcl([...bridges, ...clients]),
  };
}

function listener({
  listenAddress,
  listenPort = MQTT_PORT,
}: Endpoints): Pick<MosquittoConfig, "listenAddress" | "listenPort"> {
  return { listenPort, ...(listenAddress !== undefined && { listenAddress }) };
}
