import { type FleetInput, taints, values } from "skerry/fleet";

type Pool = FleetInput["clusters"][number]["nodePools"][number];

/** The node pools of a region: gateways dedicated to IoT workloads, and general-purpose nodes. */
const edge = (region: string): Pool[] => [
  {
    name: `${region}-gw`,
    region,
    device: "iot-gateway-x86",
    edgeNodeType: values.iotGateway,
    count: 2,
    taints: [{ key: taints.dedicated, value: values.iot, effect: "NoSchedule" }],
  },
  { name: `${region}-pi5`, region, device: "raspberry-pi-5", count: 3 },
];

/** A cluster with its home region in Frankfurt, and with edge nodes there and in London. */
export const fleet: FleetInput = {
  name: "my-fleet",
  regions: [
    { name: "frankfurt", latitude: 50.11, longitude: 8.68 },
    { name: "london", latitude: 51.51, longitude: -0.13 },
  ],
  clusters: [
    {
      name: "europe",
      homeRegion: "frankfurt",
      nodePools: [...edge("frankfurt"), ...edge("london")],
    },
  ],
  workloads: {
    "sensor-gateway": {
      namespace: "telemetry",
      image: "ghcr.io/example/sensor-gateway:1.0.0",
      placement: { kind: "every-node", edgeNodeType: values.iotGateway },
      resources: { cpu: "100m", memory: "64Mi" },
    },
    "anomaly-detector": {
      namespace: "telemetry",
      image: "ghcr.io/example/anomaly-detector:1.0.0",
      placement: { kind: "each-region", regions: ["frankfurt", "london"], replicas: 2 },
      resources: { cpu: "250m", memory: "256Mi" },
    },
  },
};

export default fleet;
