import { type FleetInput, taints, values } from "skerry/fleet";

type Pool = FleetInput["clusters"][number]["nodePools"][number];
type Broker = NonNullable<FleetInput["clusters"][number]["brokers"]>[number];

/** The node pools of a port: gateways for the sensors of cranes, Jetsons for cameras, and general-purpose nodes. */
const port = (region: string): Pool[] => [
  {
    name: `${region}-gw`,
    region,
    device: "iot-gateway-x86",
    edgeNodeType: values.iotGateway,
    count: 2,
    taints: [{ key: taints.dedicated, value: values.iot, effect: "NoSchedule" }],
  },
  { name: `${region}-jetson`, region, device: "jetson-orin-nano", count: 3 },
  { name: `${region}-pi5`, region, device: "raspberry-pi-5", count: 3 },
];

/** The broker that the sensors of cranes publish to. */
const broker = (region: string): Broker => ({
  name: `${region}-mqtt`,
  region,
  clients: [{ name: "crane-gateway", publish: [`sensors/${region}/#`] }],
});

/** Two ports that share one control plane. */
export const fleet: FleetInput = {
  name: "ports",
  regions: [
    { name: "hamburg", latitude: 53.54, longitude: 9.98 },
    { name: "antwerp", latitude: 51.26, longitude: 4.4 },
  ],
  clusters: [
    {
      name: "north-sea",
      homeRegion: "hamburg",
      nodePools: [
        { name: "hamburg-cloud", region: "hamburg", device: "m6i.xlarge", role: "cloud-worker", count: 2 },
        ...port("hamburg"),
        ...port("antwerp"),
      ],
      cloudBroker: {},
      brokers: [broker("hamburg"), broker("antwerp")],
    },
  ],
  workloads: {
    "crane-gateway": {
      namespace: "telemetry",
      image: "ghcr.io/example/crane-gateway:3.2.0",
      placement: { kind: "every-node", edgeNodeType: values.iotGateway },
      resources: { cpu: "100m", memory: "64Mi" },
    },
  },
};

export default fleet;
