import { instancePrices } from "../components/nodes/aws/prices";
import { values } from "../fleet/labels";
import type { FleetInput } from "../fleet/reading/schema";
import { production } from "./production";
import { regions, sites } from "./aws-regions";

const REGION = "frankfurt";

/** One small cluster with three servers, in which changes run before production. */
export const staging: FleetInput = {
  name: "skerry",
  regions: regions.filter(({ name }) => name === REGION),
  prices: { currency: "USD", perHour: instancePrices },
  clusters: [
    {
      name: REGION,
      homeRegion: REGION,
      servers: 3,
      serverDevice: "t4g.medium",
      nodePools: [
        { name: `${REGION}-cloud`, region: REGION, device: "t4g.medium", role: "cloud-worker", count: 1 },
        { name: `${REGION}-gw`, region: REGION, device: "t4g.medium", edgeNodeType: values.iotGateway, count: 2 },
      ],
    },
  ],
  workloads: {
    "sensor-gateway": production.workloads!["sensor-gateway"]!,
    dashboard: production.workloads!.dashboard!,
  },
};

/** The AWS region of its region, with a range that does not overlap with production's. */
export const stagingSites = { [REGION]: { ...sites[REGION]!, cidr: "10.72.0.0/20" } };

export default staging;
