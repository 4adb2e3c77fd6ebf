import "skerry/jest";

import { renderFleet } from "skerry/charts";
import { checkFleet, parseFleet } from "skerry/fleet";

import { fleet as stated } from "./fleet";
import policy, { spareNode } from "./policy";

const fleet = parseFleet(stated);
const [europe] = renderFleet(fleet);

test("the fleet is valid", () => expect(checkFleet(stated)).toMatchObject({ ok: true }));

test("what it renders keeps every rule", () => {
  expect(europe).toComply({ policy, fleet, environment: "local" });
});

test("each region has a detector of its own", () => {
  expect(europe).toBePlacedIn("frankfurt", { workload: "anomaly-detector-frankfurt", fleet });
  expect(europe).toBePlacedIn("london", { workload: "anomaly-detector-london", fleet });
});

test("sensor gateways run on what sensors speak to", () => {
  expect(europe).toRunOn("iot-gateway-x86", { workload: "sensor-gateway", fleet });
});

test("a pool of one node is found", () => {
  const [cluster] = fleet.clusters;
  const pools = cluster!.nodePools.map((pool) => ({ ...pool, count: 1 }));
  const problems = spareNode.check({ ...fleet, clusters: [{ ...cluster!, nodePools: pools }] });
  expect(problems).toHaveLength(pools.length);
  expect(spareNode.check(fleet)).toEqual([]);
});
