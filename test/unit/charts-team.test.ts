import { ApiObject, App, Chart } from "cdk8s";

import { renderFleet } from "../../charts/render";
import { defineCharts, type TeamCharts } from "../../charts/team-charts";
import { smallFleet as fleet } from "../fixtures/small-fleet";

const [cluster] = fleet.clusters;

const chartOf = (kind: string, apiVersion: string, name: string): Chart => {
  const chart = new Chart(new App(), "own");
  new ApiObject(chart, name, { apiVersion, kind, metadata: { name } });
  return chart;
};

it("renders a team's charts with those of Skerry, for each cluster", () => {
  const charts = defineCharts(({ cluster: name }) => [chartOf("ConfigMap", "v1", `settings-${name}`)]);
  for (const { cluster: name, objects, origins } of renderFleet(fleet, { charts })) {
    const own = objects.find(({ metadata }) => metadata.name === `settings-${name}`)!;
    expect(own.kind).toBe("ConfigMap");
    expect(origins.get(own)).toMatchObject({ construct: `own/settings-${name}` });
  }
});

it("delivers a team's definitions before all other objects", () => {
  const name = "sites.example.com";
  const charts = (): Chart[] => [chartOf("CustomResourceDefinition", "apiextensions.k8s.io/v1", name)];
  const [{ definitions, objects }] = renderFleet(fleet, { charts }) as [ReturnType<typeof renderFleet>[number]];
  expect(definitions.map(({ metadata }) => metadata.name)).toContain(name);
  expect(objects.map(({ kind }) => kind)).not.toContain("CustomResourceDefinition");
});

it.each<[string, TeamCharts, RegExp]>([
  [
    "a function that throws",
    () => {
      throw new Error("no such port");
    },
    /^charts of cluster .*: no such port$/,
  ],
  ["no list", (() => undefined) as unknown as TeamCharts, /must be a list of charts$/],
  ["an object", (() => [{}]) as unknown as TeamCharts, /\[0\] must be a Chart of cdk8s$/],
  [
    "an object that exists",
    () => [chartOf("Namespace", "v1", "skerry-system")],
    /Namespace skerry-system: occurs twice/,
  ],
])("rejects %s", (_, charts, message) => {
  expect(() => renderFleet(fleet, { charts })).toThrow(message);
});

it("names the cluster whose charts fail", () => {
  const charts: TeamCharts = () => [null as unknown as Chart];
  expect(() => renderFleet(fleet, { charts })).toThrow(`charts of cluster ${cluster!.name}: [0]`);
});
