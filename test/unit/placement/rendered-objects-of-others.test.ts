import { ApiObject, App, Chart, Include } from "cdk8s";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/reading/parse";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { templateOf } from "../../../fleet/kubernetes/pod-template";
import { local } from "../../../stacks/local";

const fleet = parseFleet(local);

it("adds a label to a Job without labels so that its pods can be spread", () => {
  const chart = new Chart(new App(), "app");
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a:1" }] } };
  const workload = new ApiObject(chart, "job", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "train" },
    spec: { parallelism: 4, template },
  });
  new placement.SpreadAcrossNodes(chart, "nodes", { workload });
  const [job] = chart.toJson() as KubeObject[];
  expect(templateOf(job!)).toMatchObject({
    metadata: { labels: { "app.kubernetes.io/name": "train" } },
    spec: { topologySpreadConstraints: [{ labelSelector: { matchLabels: { "app.kubernetes.io/name": "train" } } }] },
  });
});

describe("objects from other charts", () => {
  const folder = mkdtempSync(join(tmpdir(), "skerry-placement-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** As `helm template` writes it. */
  const HELM = `---
# Source: influxdb/templates/service.yaml
apiVersion: v1
kind: Service
metadata: { name: release-influxdb }
spec: { ports: [{ port: 8086 }], selector: { app.kubernetes.io/instance: release } }
---
# Source: influxdb/templates/statefulset.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: release-influxdb
  labels: { app.kubernetes.io/managed-by: Helm }
spec:
  replicas: 2
  serviceName: release-influxdb
  selector: { matchLabels: { app.kubernetes.io/instance: release } }
  template:
    metadata: { labels: { app.kubernetes.io/instance: release } }
    spec:
      nodeSelector: { kubernetes.io/os: linux }
      tolerations: [{ key: dedicated, value: iot, effect: NoSchedule }]
      containers: [{ name: influxdb, image: "influxdb:2.7.4-alpine" }]
`;

  it("are placed like any other", () => {
    writeFileSync(join(folder, "chart.yaml"), HELM);
    const chart = new Chart(new App(), "app");
    placement.placeIn(chart, fleet, "tokyo");
    const release = new Include(chart, "influxdb", { url: join(folder, "chart.yaml") });
    const workload = release.apiObjects.find(({ kind }) => kind === "StatefulSet")!;
    new placement.WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    new placement.OnDevice(chart, "gateways", { workload, device: "iot-gateway-x86" });
    new placement.Dedicated(chart, "iot", { workload, to: "iot", only: false });
    new placement.HighlyAvailable(chart, "available", { workload });
    const [service, set, budget] = chart.toJson() as KubeObject[];
    expect(service).toMatchObject({ kind: "Service" });
    expect(templateOf(set!)).toMatchObject({
      metadata: { labels: { "app.kubernetes.io/instance": "release", "required-region": "osaka" } },
      spec: {
        schedulerName: "edge-scheduler",
        nodeSelector: { "kubernetes.io/os": "linux", "device-type": "iot-gateway-x86" },
        // The chart's own says the same without `operator: Equal`.
        tolerations: [{ key: "dedicated", value: "iot", effect: "NoSchedule" }],
      },
    });
    expect(budget).toMatchObject({ metadata: { name: "release-influxdb" }, spec: { maxUnavailable: 1 } });
  });

  it("may have a custom kind with its pod template where a Deployment has it", () => {
    const chart = new Chart(new App(), "app");
    const workload = new ApiObject(chart, "rollout", {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: { name: "web" },
      spec: {
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
      },
    });
    new placement.WithDisk(chart, "disk", { workload });
    expect((chart.toJson() as { spec: { template: object } }[])[0]!.spec.template).toMatchObject({
      spec: { nodeSelector: { disktype: "ssd" } },
    });
  });
});
