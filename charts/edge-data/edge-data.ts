import { Chart } from "cdk8s";
import type { Construct } from "constructs";

import { agentName, edgeAgentNodes } from "../../fleet/edge-data/agent-nodes";
import { HUB, siteSyncName } from "../../fleet/edge-data/sites";
import type { ClusterSpec } from "../../fleet/model";
import { cloudBrokerPlacement, edgeBrokerPlacement } from "../mqtt/broker-placement";
import { recordOrigin } from "../origins";
import { OWNED } from "../system/namespaces";
import { EdgeAgent } from "./edge-agent";
import { EdgeIngest } from "./edge-ingest";
import { Outbox } from "./outbox";
import { SiteSync, type SiteSyncProps } from "./site-sync";

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
  /** Image of site-sync. @default - the image of this release */
  readonly siteSyncImage?: string;
}

/** Renders the edge data of a cluster: an agent on each node of the fleet's edge agents, the ingest, and the state of sites. */
export class EdgeDataChart extends Chart {
  constructor(scope: Construct, id: string, { cluster, agentImage, ingestImage, siteSyncImage }: EdgeDataProps) {
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
    this.addSites(cluster, siteSyncImage);
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

  /** Adds a site-sync for each edge broker, and one for the cloud. */
  private addSites(cluster: ClusterSpec, image: string | undefined): void {
    const { siteSync, cloudBroker, brokers } = cluster;
    if (!siteSync || !cloudBroker) return;
    const add = (site: string, props: Pick<SiteSyncProps, "siteBroker" | "place">): void => {
      const created = new SiteSync(this, siteSyncName(site), {
        ...{ ...siteSync, ...props, site, image },
        broker: cloudBroker.name,
      });
      recordOrigin(created, "siteSync", { "spec.volumeClaimTemplates": "storageGiB" });
    };
    add(HUB, { place: cloudBrokerPlacement(cluster) });
    for (const broker of brokers) {
      add(broker.name, { siteBroker: broker.name, place: edgeBrokerPlacement(cluster, broker) });
    }
  }
}
