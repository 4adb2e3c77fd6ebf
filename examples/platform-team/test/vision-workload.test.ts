import { App } from "cdk8s";
import { chartObjects } from "skerry/charts";
import { type KubeObject, labels, parseFleet, templateOf } from "skerry/fleet";

import { InspectionChart } from "../charts/inspection";
import { fleet as stated } from "../fleet";
import { inspection } from "../inspection";

const fleet = parseFleet(stated);
const objects = inspection(fleet, "north-sea");
const named = (name: string): KubeObject =>
  objects.find((each) => each.kind === "Deployment" && each.metadata.name === name)!;

test("an inspector runs at its own port, on Jetsons, and on through a cut link", () => {
  const { metadata, spec } = templateOf(named("inspector-antwerp"))!;
  expect(metadata?.labels).toMatchObject({ [labels.requiredRegion]: "antwerp" });
  expect(spec.nodeSelector).toMatchObject({ [labels.deviceType]: "jetson-orin-nano" });
  expect(spec.tolerations).toContainEqual(
    expect.objectContaining({ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }),
  );
});

test("a port that the fleet does not have is refused, and both sides are named", () => {
  const chart = new InspectionChart(new App(), "inspection", { fleet, cluster: "north-sea", ports: ["rotterdam"] });
  expect(() => chartObjects(chart)).toThrow(/rotterdam/);
});
