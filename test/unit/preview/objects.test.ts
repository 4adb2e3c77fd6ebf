import { ApiObject, App, Chart } from "cdk8s";

import { defineCharts } from "../../../charts/team-charts";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { parseFleet } from "../../../fleet/reading/parse";
import { compareObjects } from "../../../preview/objects";
import { renderStates } from "../../../preview/rendering";
import { local } from "../../../stacks/local";

const deployment = (containers: readonly object[], replicas = 1): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "app" },
  spec: { replicas, template: { spec: { containers } } },
});

it("lists added, removed and changed objects", () => {
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } };
  expect(compareObjects("east", [deployment([])], [deployment([], 2), config])).toEqual([
    {
      cluster: "east",
      object: "Deployment app/web",
      change: "changed",
      fields: [{ path: "spec.replicas", before: 1, after: 2 }],
    },
    { cluster: "east", object: "ConfigMap settings", change: "added", fields: [] },
  ]);
  expect(compareObjects("east", [config], [])).toMatchObject([{ change: "removed" }]);
});

it("compares containers by name, so that an insertion is one change", () => {
  const [main, sidecar] = [
    { name: "main", image: "main:1" },
    { name: "sidecar", image: "sidecar:1" },
  ];
  expect(compareObjects("east", [deployment([main])], [deployment([sidecar, main])])).toMatchObject([
    { fields: [{ path: "spec.template.spec.containers.sidecar", after: sidecar }] },
  ]);
});

it("reports nothing for objects that are equal, in any order", () => {
  const [one, other] = [deployment([]), { apiVersion: "v1", kind: "Service", metadata: { name: "web" } }];
  expect(compareObjects("east", [one, other], [other, one])).toEqual([]);
});

it("never shows values of Secrets", () => {
  const secret = (password: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login" },
    stringData: { password },
  });
  expect(compareObjects("east", [secret("first-password")], [secret("second-password")])).toEqual([]);
});

it("reports which keys of a Secret change", () => {
  const secret = (data: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login" },
    data,
  });
  expect(compareObjects("east", [secret({ a: "eA==" })], [secret({ a: "eA==", b: "eQ==" })])).toMatchObject([
    { fields: [{ path: "data.b", after: "" }] },
  ]);
});

it("a rendering has no value of a Secret in a team's charts", () => {
  const charts = defineCharts(({ cluster }) => {
    const chart = new Chart(new App(), cluster, { disableResourceNameHashes: true });
    new ApiObject(chart, "login", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login", namespace: "app" },
      stringData: { password: "hunter2" },
    });
    return [chart];
  });
  const rendering = renderStates(parseFleet(local), { charts });
  expect(JSON.stringify(rendering)).toContain('"stringData":{"password":""}');
  expect(JSON.stringify(rendering)).not.toContain("hunter2");
});
