import "skerry/jest";

import { renderFleet } from "skerry/charts";
import { checkFleet, parseFleet } from "skerry/fleet";

import charts from "./charts";
import { fleet as input } from "./fleet";
import policy, { spareNode } from "./policy";

const fleet = parseFleet(input);
const [europe] = renderFleet(fleet, { charts });

test("the fleet is valid", () => expect(checkFleet(input)).toMatchObject({ ok: true }));

test("the objects comply with every rule", () => {
  expect(europe).toComply({ policy, fleet, environment: "local" });
});

test("each region has its own detector", () => {
  expect(europe).toBePlacedIn("frankfurt", { workload: "anomaly-detector-frankfurt", fleet });
  expect(europe).toBePlacedIn("london", { workload: "anomaly-detector-london", fleet });
});

test("sensor gateways run on IoT gateways", () => {
  expect(europe).toRunOn("iot-gateway-x86", { workload: "sensor-gateway", fleet });
});

test("a pool with one node breaks the rule", () => {
  const [cluster] = fleet.clusters;
  const pools = cluster!.nodePools.map((pool) => ({ ...pool, count: 1 }));
  const problems = spareNode.check({ ...fleet, clusters: [{ ...cluster!, nodePools: pools }] });
  expect(problems).toHaveLength(pools.length);
  expect(spareNode.check(fleet)).toEqual([]);
});
