import { agentName, edgeAgentNodes } from "../../fleet/edge-data/agent-nodes";
import { clientsOf } from "../../fleet/edge-data/broker-clients";
import type { BrokerClient, ClusterSpec } from "../../fleet/model";
import { bridgeTopics } from "./broker-settings";
import { MQTT_NAMESPACE, bridgeSecret, clientSecret, identity, serverSecret, serviceHost } from "./names";

/**
 * A Secret that the pods of brokers and clients refer to by name, with the keys `ca.crt`, `tls.crt` and `tls.key`
 * (PEM). Charts render no secrets: the component `BrokerCredentials` creates it.
 */
export interface MqttSecret {
  readonly namespace: string;
  readonly name: string;
  /** Common name of the certificate, which is the user in access lists. */
  readonly commonName: string;
  /** Extended key usage. A client certificate cannot be used as a server certificate. */
  readonly usage: "server" | "client";
  /** Subject alternative names. Empty for clients. */
  readonly dnsNames: readonly string[];
}

/**
 * Lists the Secrets that the brokers of a cluster and their clients need, sorted by name. One certificate authority per
 * cluster issues all their certificates.
 *
 * @throws Error that names every Secret that two brokers or clients would share
 */
export function mqttSecrets(cluster: ClusterSpec): MqttSecret[] {
  const { cloudBroker, brokers } = cluster;
  if (cloudBroker === undefined) return [];
  const secrets = [cloudBroker, ...brokers].flatMap((broker) => [
    serverCertificate(broker.name),
    ...clientsOf(cluster, broker).map((client) => clientCertificate(broker.name, client)),
  ]);
  const bridges = brokers
    .filter((broker) => bridgeTopics(cluster, broker))
    .map(({ name }) => certificate(bridgeSecret(name), identity.bridge(name), "client"));
  const listeners = edgeAgentNodes(cluster)
    .filter(({ agents }) => agents.relay === "listener")
    .map((agent) => serverCertificate(agentName(agent)));
  const all = [...secrets, ...bridges, ...listeners].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

  const shared = [...new Set(all.filter(({ name }, i) => all[i + 1]?.name === name).map(({ name }) => name))];
  if (shared.length > 0) {
    throw new Error(
      `clusters.${cluster.name}: Secret names must be unique, but brokers or clients share ${shared.join(", ")}; ` +
        "rename a broker or a client",
    );
  }
  return all;
}

/** Returns the certificate of a server, for every name of its Service. */
function serverCertificate(service: string): MqttSecret {
  const host = serviceHost(service);
  const dnsNames = [service, `${service}.${MQTT_NAMESPACE}`, host, `${host}.cluster.local`];
  return { ...certificate(serverSecret(service), host, "server"), dnsNames };
}

function clientCertificate(broker: string, { name }: BrokerClient): MqttSecret {
  return certificate(clientSecret(broker, name), identity.client(broker, name), "client");
}

function certificate(name: string, commonName: string, usage: MqttSecret["usage"]): MqttSecret {
  return { namespace: MQTT_NAMESPACE, name, commonName, usage, dnsNames: [] };
}
