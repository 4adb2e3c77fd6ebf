import { instancePrices } from "../components/nodes/aws/prices";
import type { AwsPoolOptions } from "../components/nodes/aws/arguments";
import { values } from "../fleet/labels";
import type { FleetInput } from "../fleet/reading/schema";
import { regions, sites } from "./aws-regions";

type Cluster = FleetInput["clusters"][number];
type Pool = Cluster["nodePools"][number];
type Broker = NonNullable<Cluster["brokers"]>[number];

/** General-purpose machines in the home region. The cluster autoscaler may add some. */
const cloud = (region: string, zone = "a"): Pool => ({
  name: `${region}-cloud`,
  region,
  zone: `${region}-${zone}`,
  device: "m7g.xlarge",
  role: "cloud-worker",
  count: 2,
});

/**
 * The edge nodes of a region. They are EC2 instances in an AWS region, which stand in for devices at a site: as there, the
 * servers are in another region.
 */
const edge = (region: string): Pool => ({
  name: `${region}-gw`,
  region,
  device: "t4g.medium",
  edgeNodeType: values.iotGateway,
  count: 3,
});

/** The broker of a region: its gateways publish to it, and its detector subscribes. */
const broker = (region: string): Broker => ({
  name: `${region}-mqtt`,
  region,
  forward: ["sensors/#"],
  clients: [
    { name: "sensor-gateway", publish: [`sensors/${region}/#`] },
    { name: "anomaly-detector", subscribe: [`sensors/${region}/#`], publish: [`sensors/${region}/anomalies`] },
  ],
});

/** A cluster with three servers in its home region, and edge nodes and a broker in each of its regions. */
const cluster = (homeRegion: string, ...furtherRegions: string[]): Cluster => ({
  name: homeRegion,
  homeRegion,
  servers: 3,
  serverDevice: "m7g.large",
  nodePools: [cloud(homeRegion), ...[homeRegion, ...furtherRegions].map(edge)],
  cloudBroker: { clients: [{ name: "dashboard", subscribe: ["sensors/#"] }] },
  brokers: [homeRegion, ...furtherRegions].map(broker),
});

/** Three clusters with three servers each, and edge nodes in ten AWS regions. */
export const production: FleetInput = {
  name: "skerry",
  regions,
  prices: { currency: "USD", perHour: instancePrices },
  clusters: [
    cluster("frankfurt", "london", "stockholm"),
    cluster("virginia", "oregon", "montreal", "sao-paulo"),
    cluster("tokyo", "osaka", "sydney"),
  ],
  workloads: {
    "sensor-gateway": {
      namespace: "telemetry",
      image: "ghcr.io/skerry-dev/sensor-gateway:0.1.0",
      placement: { kind: "every-node", edgeNodeType: values.iotGateway },
      resources: { cpu: "100m", memory: "64Mi" },
    },
    "anomaly-detector": {
      namespace: "telemetry",
      image: "ghcr.io/skerry-dev/anomaly-detector:0.1.0",
      placement: { kind: "each-region", regions: regions.map(({ name }) => name), replicas: 2 },
      resources: { cpu: "250m", memory: "256Mi" },
    },
    dashboard: {
      namespace: "telemetry",
      image: "ghcr.io/skerry-dev/dashboard:0.1.0",
      placement: { kind: "anywhere", replicas: 2 },
      resources: { cpu: "200m", memory: "256Mi" },
    },
  },
};

/** The AWS region of each region. */
export const productionSites = sites;

/** Pools that differ from the defaults: half of the cloud machines are spot instances of several types. */
export const productionPools: Readonly<Record<string, AwsPoolOptions>> = Object.fromEntries(
  production.clusters.map(({ name, homeRegion }) => [
    `${name}/${homeRegion}-cloud`,
    { min: 2, max: 6, spotPercentage: 50, instanceTypes: ["m6g.xlarge", "m6gd.xlarge"] },
  ]),
);

export default production;
