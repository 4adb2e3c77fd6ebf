import { aclUser, renderAcl } from "./acl";
import { type BrokerSettings, sessionsOf } from "./broker-settings";
import { renderMosquittoConfig } from "./mosquitto-config";
import { MQTT_NAMESPACE, MQTT_PORT, bridgeClientId, bridgeStateTopic, identity, serviceHost } from "./names";

/** Files of a broker's configuration folder. */
export interface BrokerFiles {
  readonly "mosquitto.conf": string;
  readonly acl: string;
  readonly [file: string]: string;
}

/** Addresses of a broker and of the broker that it is bridged to. */
export interface Endpoints {
  /** Namespace of the brokers. @default "mqtt" */
  readonly namespace?: string;
  /** @default all addresses of the pod */
  readonly listenAddress?: string;
  /** @default 8883 */
  readonly listenPort?: number;
  /** Address of the broker that the bridge ends at. @default its Service */
  readonly remote?: { readonly host: string; readonly port: number };
}

/**
 * Renders the configuration of a broker. A bridge that ends here may publish what the other broker sends, and read what it
 * receives.
 */
export function brokerFiles(settings: BrokerSettings, endpoints: Endpoints = {}): BrokerFiles {
  const { name, clients, bridge, bridges = {}, queue } = settings;
  const { listenAddress, listenPort = MQTT_PORT, namespace = MQTT_NAMESPACE } = endpoints;
  const users = [
    ...Object.entries(bridges).map(([broker, { send, receive = [] }]) => ({
      user: identity.bridge(broker),
      publish: [...send, bridgeStateTopic(broker)],
      subscribe: receive,
    })),
    ...clients.map((client) => aclUser(identity.client(name, client.name), client)),
  ];
  return {
    "mosquitto.conf": renderMosquittoConfig({
      listenPort,
      ...(listenAddress !== undefined && { listenAddress }),
      queue,
      sessions: sessionsOf(settings),
      ...(bridge && {
        bridge: {
          name,
          clientId: bridgeClientId(name),
          ...(endpoints.remote ?? { host: serviceHost(bridge.to, namespace), port: MQTT_PORT }),
          send: bridge.send,
          receive: bridge.receive ?? [],
        },
      }),
    }),
    acl: renderAcl(users),
  };
}
