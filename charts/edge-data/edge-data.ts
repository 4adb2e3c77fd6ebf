import { Chart } from "cdk8s";
import type { Construct } from "constructs";

import { agentName, edgeAgentNodes } from "../../fleet/edge-data/agent-nodes";
import type { ClusterSpec } from "../../fleet/model";
import { cloudBrokerPlacement } from "../mqtt/broker-placement";
import { recordOrigin } from "../origins";
import { OWNED } from "../system/namespaces";
import { EdgeAgent } from "./edge-agent";
import { EdgeIngest } from "./edge-ingest";
import { Outbox } from "./outbox";

/** Fields of edge agents, by the path in an object that they determine. */
const AGENT_FIELDS = {
  data: "classes",
  "spec.volumeClaimTemplates": "storageGiB",
  "spec.template.spec.tolerations": "nodePools",
  "spec.template.spec.affinity": "nodePools",
};

/** Props of {@link EdgeDataChart}. */
export interface EdgeDataProps {
  readonly cluster: ClusterSpec;
  /** Image of the edge agent. @default - the image of this release */
  readonly agentImage?: string;
  /** Image of the ingest. @default - the image of this release */
  readonly ingestImage?: string;
}

/** Renders the edge data of a cluster: an agent on each node of the fleet's edge agents, and the ingest. */
export class EdgeDataChart extends Chart {
  constructor(scope: Construct, id: string, { cluster, agentImage, ingestImage }: EdgeDataProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const { edgeAgents, edgeIngest, cloudBroker } = cluster;
    for (const agent of edgeAgentNodes(cluster)) {
      const { agents, node, pool, broker, routes } = agent;
      const { classes, storageGiB, sensors, relay } = agents;
      const name = agentName(agent);
      const outbox = new Outbox(this, `${name}-outbox`, { diskGiB: pool.capacity.diskGiB, classes, storageGiB });
      const created = new EdgeAgent(this, name, {
        ...{ name, node, broker, outbox, sensors, routes, relay },
        taints: pool.taints,
        image: agentImage,
      });
      recordOrigin(created, `edgeAgents[${edgeAgents.indexOf(agents)}]`, AGENT_FIELDS);
    }
    if (!edgeIngest || !cloudBroker) return;
    const ingest = new EdgeIngest(this, "ingest", {
      broker: cloudBroker.name,
      ...edgeIngest,
      place: cloudBrokerPlacement(cluster),
      image: ingestImage,
    });
    recordOrigin(ingest, "edgeIngest", {
      "spec.template.spec.containers[0].args": edgeIngest.sqlite ? "sqlite" : "database",
    });
  }
}
