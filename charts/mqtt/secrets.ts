import type { BrokerClient, ClusterSpec } from "../../fleet/model";
import { MQTT_NAMESPACE, bridgeSecret, clientSecret, identity, serverSecret, serviceHost } from "./names";

/**
 * A Secret that must exist before the brokers' pods start, with the keys `ca.crt`, `tls.crt` and `tls.key` (PEM). The
 * charts refer to it by name; whoever delivers the objects makes it, for charts hold no secret material.
 */
export interface MqttSecret {
  readonly namespace: string;
  readonly name: string;
  /** Common name of the certificate: the user that access lists know. */
  readonly commonName: string;
  /** Extended key usage: a client's certificate can't pose as a broker. */
  readonly usage: "server" | "client";
  /** Subject alternative names; empty for clients. */
  readonly dnsNames: readonly string[];
}

/**
 * Every Secret that a cluster's brokers and their clients need, sorted by name; none if it has no brokers. All are
 * signed by one certificate authority that belongs to this cluster's brokers alone.
 *
 * @throws Error when two brokers or clients would share a Secret; every such name is told
 */
export function mqttSecrets(cluster: ClusterSpec): MqttSecret[] {
  const { cloudBroker, brokers } = cluster;
  if (cloudBroker === undefined) return [];
  const secrets = [cloudBroker, ...brokers].flatMap(({ name, clients }) => [
    server(name),
    ...clients.map((client) => clientOf(name, client)),
  ]);
  const bridges = brokers
    .filter(({ forward }) => forward.length > 0)
    .map(({ name }) => secret(bridgeSecret(name), identity.bridge(name), "client"));
  const all = [...secrets, ...bridges].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

  const shared = [...new Set(all.filter(({ name }, i) => all[i + 1]?.name === name).map(({ name }) => name))];
  if (shared.length > 0) {
    throw new Error(
      `clusters.${cluster.name}: two brokers or clients need a Secret of the same name (${shared.join(", ")}), which ` +
        "would give one the other's certificate: rename a broker or a client",
    );
  }
  return all;
}

function server(broker: string): MqttSecret {
  const host = serviceHost(broker);
  const dnsNames = [broker, `${broker}.${MQTT_NAMESPACE}`, host, `${host}.cluster.local`];
  return { ...secret(serverSecret(broker), host, "server"), dnsNames };
}

function clientOf(broker: string, { name }: BrokerClient): MqttSecret {
  return secret(clientSecret(broker, name), identity.client(broker, name), "client");
}

function secret(name: string, commonName: string, usage: MqttSecret["usage"]): MqttSecret {
  return { namespace: MQTT_NAMESPACE, name, commonName, usage, dnsNames: [] };
}
