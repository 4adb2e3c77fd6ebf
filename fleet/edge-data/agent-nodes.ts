import type { BrokerClient, ClusterSpec, NodePoolSpec } from "../model";
import { nodeNames } from "../nodes";
import type { EdgeAgents, EdgeRoute } from "./model";
import { FROM_ALL_NODES, nodeTopics, TO_ALL_NODES } from "./topics";

/** Name of the ingest, and of its client at the cloud broker. */
export const EDGE_INGEST = "edge-ingest";

/** An edge agent: the node that it runs on, and the broker that it connects to. */
export interface EdgeAgentNode {
  readonly agents: EdgeAgents;
  readonly pool: NodePoolSpec;
  readonly node: string;
  readonly broker: string;
  /** The devices' messages that it keeps. Of the agents that share a broker, one takes them: otherwise each would keep a copy. */
  readonly routes: readonly EdgeRoute[];
}

type Cluster = Pick<ClusterSpec, "nodePools" | "brokers" | "cloudBroker" | "edgeAgents" | "edgeIngest">;

/** Returns the edge agents of a cluster, in the order of the fleet. */
export function edgeAgentNodes({ nodePools, brokers, cloudBroker, edgeAgents }: Cluster): EdgeAgentNode[] {
  return edgeAgents.flatMap((agents) => {
    const relayed = new Set<string>();
    return nodePools
      .filter(({ name }) => agents.nodePools.includes(name))
      .flatMap((pool) => {
        const inRegion = brokers.find(({ region }) => region === pool.region);
        const broker = agents.broker ?? inRegion?.name ?? cloudBroker?.name ?? "";
        return nodeNames(pool).map((node) => {
          const isFirst = !relayed.has(broker) && relayed.add(broker);
          const routes = agents.relay === "listener" || isFirst ? agents.routes : [];
          return { agents, pool, node, broker, routes };
        });
      });
  });
}

/** Returns the name of an agent's objects. The name of a node may have dots, and that of a pod must not. */
export const agentName = ({ agents, node }: Pick<EdgeAgentNode, "agents" | "node">): string =>
  `${agents.name}-${node.replaceAll(".", "-")}`;

/** Reports whether an agent subscribes to devices' messages at its broker. */
export const relaysFromBroker = ({ agents, routes }: Pick<EdgeAgentNode, "agents" | "routes">): boolean =>
  agents.relay === "broker" && routes.length > 0;

/** Returns the names of the nodes whose agents connect to a broker. */
export const nodesAt = (cluster: Cluster, broker: string): string[] =>
  edgeAgentNodes(cluster)
    .filter((agent) => agent.broker === broker)
    .map(({ node }) => node);

/**
 * Returns the clients of a broker: those that the fleet lists, the agents that connect to it, and the ingest of the cloud broker.
 * An agent can publish and subscribe only under the name of its node.
 */
export function clientsOf(
  cluster: Cluster,
  broker: { name: string; clients: readonly BrokerClient[] },
): BrokerClient[] {
  const agents = edgeAgentNodes(cluster).filter((agent) => agent.broker === broker.name);
  const isCloud = broker.name === cluster.cloudBroker?.name;
  return [
    ...broker.clients,
    ...agents.map((agent) => {
      const { publish, subscribe } = nodeTopics(agent.node);
      const relays = relaysFromBroker(agent);
      return {
        name: agent.node,
        publish: [...publish, ...(relays ? agent.agents.responses : [])],
        subscribe: [...subscribe, ...(relays ? agent.routes.map(({ filter }) => filter) : [])],
      };
    }),
    ...(isCloud && cluster.edgeIngest ? [{ name: EDGE_INGEST, publish: TO_ALL_NODES, subscribe: FROM_ALL_NODES }] : []),
  ];
}
