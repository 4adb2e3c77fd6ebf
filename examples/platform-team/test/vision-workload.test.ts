import "skerry/jest";

import { App } from "cdk8s";
import { chartObjects } from "skerry/charts";
import { parseFleet, templateOf } from "skerry/fleet";

import { InspectionChart } from "../charts/inspection";
import { fleet as input } from "../fleet";
import policy from "../policy";

const fleet = parseFleet(input);
const context = { fleet, cluster: "north-sea" };
const chart = (...ports: string[]): InspectionChart =>
  new InspectionChart(new App(), "inspection", { ...context, ports });

test("an inspector runs at its port, on several Jetsons", () => {
  const inspection = chart("hamburg", "antwerp");
  const workload = "inspector-antwerp";
  expect(inspection).toBePlacedIn("antwerp", { workload, ...context });
  expect(inspection).not.toBePlacedIn("hamburg", { workload, ...context });
  expect(inspection).toRunOn("jetson-orin-nano", context);
  expect(inspection).toSpreadOver("nodes", context);
});

test("an inspector keeps running while disconnected", () => {
  const deployment = chartObjects(chart("hamburg")).find(({ kind }) => kind === "Deployment")!;
  const lost = { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" };
  expect(templateOf(deployment)!.spec.tolerations).toContainEqual(lost);
});

test("it keeps every rule, ours among them", () => {
  expect(chart("hamburg", "antwerp")).toComply({ policy, ...context });
});

test("a port that the fleet does not have is refused, and by name", () => {
  expect(() => chartObjects(chart("rotterdam"))).toThrow(/rotterdam/);
});
