import { cloudRegions } from "../fleet/cloud-regions";
import { taints, values } from "../fleet/labels";
import { measuredLinks } from "../fleet/measured-links";
import type { FleetInput } from "../fleet/reading/schema";

type Pool = FleetInput["clusters"][number]["nodePools"][number];
type Broker = NonNullable<FleetInput["clusters"][number]["brokers"]>[number];

/** Gateways that sensors connect to, dedicated to IoT workloads. */
const gateways = (region: string, count: number): Pool => ({
  name: `${region}-gw`,
  region,
  device: "iot-gateway-x86",
  edgeNodeType: values.iotGateway,
  count,
  taints: [{ key: taints.dedicated, value: values.iot, effect: "NoSchedule" }],
});

/** Small boards with an SD card, reserved for workloads that tolerate the device. */
const raspberryPi4 = (region: string, count: number): Pool => ({
  name: `${region}-pi4`,
  region,
  device: "raspberry-pi-4",
  count,
  taints: [{ key: taints.deviceType, value: "raspberry-pi-4", effect: "NoSchedule" }],
});

/** General-purpose nodes of a region. */
const raspberryPi5 = (region: string, count: number): Pool => ({
  name: `${region}-pi5`,
  region,
  device: "raspberry-pi-5",
  count,
});

/** Boards with a GPU. Two of them in each region measure it; the lab publishes generated usage of the other nodes. */
const jetson = (region: string, count: number): Pool => ({
  name: `${region}-jetson`,
  region,
  device: "jetson-orin-nano",
  count,
  labels: { accelerator: "nvidia-orin" },
  nodeAgent: true,
});

/** Cloud machines in the home region, for workloads that do not need to run at the edge. */
const cloud = (region: string, count: number): Pool => ({
  name: `${region}-cloud`,
  region,
  device: "m6i.xlarge",
  role: "cloud-worker",
  count,
});

/** The node pools of an edge region. */
const edge = (region: string): Pool[] => [
  gateways(region, 4),
  raspberryPi4(region, 3),
  raspberryPi5(region, 4),
  jetson(region, 2),
];

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

/** An agent on each gateway of a region, with a sensor for trials. Each keeps what the cloud misses in a week. */
const agents = (region: string): NonNullable<FleetInput["clusters"][number]["edgeAgents"]>[number] => ({
  name: "agent",
  nodePools: [`${region}-gw`],
  classes: [{ name: "telemetry", messagesPerSecond: 1, messageBytes: 300, outageDays: 7, whenFull: "DropOldest" }],
  sensors: [
    {
      name: "cabinet",
      class: "telemetry",
      unit: "Cel",
      intervalSeconds: 5,
      simulated: { mean: 35, amplitude: 10, noise: 0.5 },
    },
  ],
});

/** A cluster with a home region, and with edge nodes and a broker in each of its regions. */
const cluster = (
  name: string,
  homeRegion: string,
  ...furtherRegions: [string, ...string[]]
): FleetInput["clusters"][number] => ({
  name,
  homeRegion,
  servers: 1,
  nodePools: [cloud(homeRegion, 2), ...[homeRegion, ...furtherRegions].flatMap(edge)],
  cloudBroker: { clients: [{ name: "dashboard", subscribe: ["sensors/#"] }] },
  brokers: [homeRegion, ...furtherRegions].map(broker),
  edgeAgents: [agents(furtherRegions[0])],
  edgeIngest: { sqlite: {} },
});

/**
 * Example prices, so that a preview has something to add up. They are not quotes: XTS is the currency code that ISO 4217
 * reserves for tests.
 */
const prices: FleetInput["prices"] = {
  currency: "XTS",
  perHour: {
    "iot-gateway-x86": 0.02,
    "jetson-orin-nano": 0.02,
    "m6i.large": 0.1,
    "m6i.xlarge": 0.2,
    "raspberry-pi-4": 0.005,
    "raspberry-pi-5": 0.005,
  },
};

/** The fleet that `make up` deploys to the embedded lab: three clusters with 130 edge nodes in ten regions. */
export const local: FleetInput = {
  name: "local",
  regions: cloudRegions,
  links: measuredLinks,
  prices,
  // Each agent is a process on this computer, so they run in some pools only.
  nodeAgent: false,
  clusters: [
    cluster("frankfurt", "frankfurt", "london", "madrid"),
    cluster("washington", "washington-dc", "dallas", "toronto", "sao-paulo"),
    cluster("tokyo", "tokyo", "osaka", "sydney"),
  ],
  workloads: {
    "sensor-gateway": {
      namespace: "telemetry",
      image: "ghcr.io/skerry-dev/sensor-gateway:0.1.0",
      placement: { kind: "every-node", edgeNodeType: values.iotGateway },
      resources: { cpu: "100m", memory: "64Mi" },
    },
    "cabinet-monitor": {
      namespace: "telemetry",
      image: "ghcr.io/skerry-dev/cabinet-monitor:0.1.0",
      placement: { kind: "every-node", device: "raspberry-pi-4" },
      resources: { cpu: "50m", memory: "32Mi" },
    },
    "anomaly-detector": {
      namespace: "telemetry",
      image: "ghcr.io/skerry-dev/anomaly-detector:0.1.0",
      placement: { kind: "each-region", regions: cloudRegions.map(({ name }) => name), replicas: 2 },
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

export default local;
