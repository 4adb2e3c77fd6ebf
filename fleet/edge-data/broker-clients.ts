import type { BrokerClient } from "../model";
import { EDGE_INGEST, type EdgeCluster, edgeAgentNodes, nodesAt, relaysFromBroker } from "./agent-nodes";
import { HUB, SITE_SYNC, siteSyncName } from "./sites";
import { configTopic, FROM_ALL_NODES, nodeTopics, reportedTopic, syncTopics, TO_ALL_NODES } from "./topics";

type NamedBroker = { readonly name: string };

/** Returns the agents that connect to a broker. Each can publish and subscribe only under the name of its node. */
function agentsAt(cluster: EdgeCluster, broker: NamedBroker): BrokerClient[] {
  return edgeAgentNodes(cluster)
    .filter((agent) => agent.broker === broker.name)
    .map((agent) => {
      const { publish, subscribe } = nodeTopics(agent.node);
      const relays = relaysFromBroker(agent);
      return {
        name: agent.node,
        publish: [...publish, ...(relays ? agent.agents.responses : [])],
        subscribe: [...subscribe, ...(relays ? agent.routes.map(({ filter }) => filter) : [])],
      };
    });
}

/**
 * Returns the clients of site-sync at a broker. At the cloud broker, each site can exchange only its own state. At the broker of
 * a site, it can configure only the nodes of that broker.
 */
function siteSyncAt(cluster: EdgeCluster, broker: NamedBroker): BrokerClient[] {
  if (!cluster.siteSync) return [];
  if (broker.name !== cluster.cloudBroker?.name) {
    const nodes = nodesAt(cluster, broker.name);
    return [{ name: SITE_SYNC, publish: nodes.map(configTopic), subscribe: nodes.map(reportedTopic) }];
  }
  return [
    { name: siteSyncName(HUB), publish: [syncTopics.down("+")], subscribe: [syncTopics.up("+")] },
    ...cluster.brokers.map(({ name }) => ({
      name: siteSyncName(name),
      publish: [syncTopics.up(name)],
      subscribe: [syncTopics.down(name)],
    })),
  ];
}

/**
 * Returns the clients of a broker: those that the fleet lists, the agents that connect to it, site-sync, and the ingest of the
 * cloud broker.
 */
export function clientsOf(
  cluster: EdgeCluster,
  broker: NamedBroker & { readonly clients: readonly BrokerClient[] },
): BrokerClient[] {
  const isCloud = broker.name === cluster.cloudBroker?.name;
  return [
    ...broker.clients,
    ...agentsAt(cluster, broker),
    ...(isCloud && cluster.edgeIngest ? [{ name: EDGE_INGEST, publish: TO_ALL_NODES, subscribe: FROM_ALL_NODES }] : []),
    ...siteSyncAt(cluster, broker),
  ];
}
