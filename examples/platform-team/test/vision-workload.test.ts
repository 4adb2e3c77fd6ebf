import "skerry/jest";

import { App } from "cdk8s";
import { chartObjects } from "skerry/charts";
import { parseFleet, templateOf } from "skerry/fleet";

import { InspectionChart } from "../charts/inspection";
import { fleet as stated } from "../fleet";
import policy from "../policy";

const fleet = parseFleet(stated);
const there = { fleet, cluster: "north-sea" };
const chart = (...ports: string[]): InspectionChart =>
  new InspectionChart(new App(), "inspection", { ...there, ports });

test("an inspector runs at its own port, on Jetsons, on more than one of them", () => {
  const inspection = chart("hamburg", "antwerp");
  const workload = "inspector-antwerp";
  expect(inspection).toBePlacedIn("antwerp", { workload, ...there });
  expect(inspection).not.toBePlacedIn("hamburg", { workload, ...there });
  expect(inspection).toRunOn("jetson-orin-nano", there);
  expect(inspection).toSpreadOver("nodes", there);
});

test("an inspector goes on through a cut link", () => {
  const deployment = chartObjects(chart("hamburg")).find(({ kind }) => kind === "Deployment")!;
  const lost = { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" };
  expect(templateOf(deployment)!.spec.tolerations).toContainEqual(lost);
});

test("it keeps every rule, ours among them", () => {
  expect(chart("hamburg", "antwerp")).toComply({ policy, ...there });
});

test("a port that the fleet does not have is refused, and by name", () => {
  expect(() => chartObjects(chart("rotterdam"))).toThrow(/rotterdam/);
});
