import type { ClusterSpec, NodePoolSpec } from "../model";
import { nodeNames } from "../nodes";
import type { EdgeAgents, EdgeRoute } from "./model";

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

/** The fields of a cluster that decide which programs of edge data connect to its brokers. */
export type EdgeCluster = Pick<
  ClusterSpec,
  "nodePools" | "brokers" | "cloudBroker" | "edgeAgents" | "edgeIngest" | "siteSync"
>;

/** Returns the edge agents of a cluster, in the order of the fleet. */
export function edgeAgentNodes({ nodePools, brokers, cloudBroker, edgeAgents }: EdgeCluster): EdgeAgentNode[] {
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
export const nodesAt = (cluster: EdgeCluster, broker: string): string[] =>
  edgeAgentNodes(cluster)
    .filter((agent) => agent.broker === broker)
    .map(({ node }) => node);
