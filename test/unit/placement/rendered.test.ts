import type { V1PodSpec } from "@kubernetes/client-node";
import { ApiObject, Chart, Duration, Include, Size, Testing } from "cdk8s";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/parse";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { templateOf } from "../../../fleet/kubernetes/pod-template";
import { local } from "../../../stacks/local";
import { type Kind, rawWorkload } from "../support/placed-workloads";

const fleet = parseFleet(local);

/** What a workload comes to in cluster tokyo, or anywhere. */
function rendered(
  place: (chart: Chart, workload: ApiObject) => void,
  { kind = "Deployment", known = true, pod = {} }: { kind?: Kind; known?: boolean; pod?: Partial<V1PodSpec> } = {},
) {
  const chart = new Chart(Testing.app(), "app", { disableResourceNameHashes: true });
  if (known) placement.placeIn(chart, fleet, "tokyo");
  const workload = rawWorkload(chart, kind, "main");
  const render = workload.toJson.bind(workload) as () => { spec: { template: { spec: object } } };
  // What the author wrote beside it.
  workload.toJson = () => {
    const object = render();
    if (Object.keys(pod).length > 0) Object.assign(object.spec.template.spec, structuredClone(pod));
    return object;
  };
  place(chart, workload);
  const objects = chart.toJson() as KubeObject[];
  const object = objects.find(({ metadata, kind: found }) => metadata.name === "main" && found === kind)!;
  const template = templateOf(object)!;
  return { objects, object, spec: template.spec, metadata: template.metadata! };
}

const iot = { key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" };
const pi4 = { key: "device-type", operator: "Equal", value: "raspberry-pi-4", effect: "NoSchedule" };
const name = { "app.kubernetes.io/name": "main" };

describe("WithinRegion", () => {
  const place = (chart: Chart, workload: ApiObject) =>
    void new placement.WithinRegion(chart, "in", { workload, region: "tokyo" });

  it("is the edge scheduler's to keep", () => {
    const { spec, metadata } = rendered(place);
    expect(metadata.labels).toEqual({ ...name, "required-region": "tokyo" });
    expect(spec).toMatchObject({ schedulerName: "edge-scheduler" });
    expect(spec.nodeSelector).toBeUndefined();
  });

  it("is said by labels of nodes on a DaemonSet, whose controller asks no scheduler", () => {
    const { spec, metadata } = rendered(place, { kind: "DaemonSet" });
    expect(metadata.labels).toEqual(name);
    expect(spec.schedulerName).toBeUndefined();
    expect(spec.nodeSelector).toEqual({ "edge-region": "tokyo" });
  });

  it("is said to a hard spread too, which else counts nodes of other regions as empty", () => {
    const spread = (chart: Chart, workload: ApiObject) => {
      place(chart, workload);
      new placement.SpreadAcrossNodes(chart, "nodes", { workload, whenUnsatisfiable: "DoNotSchedule", maxSkew: 2 });
    };
    const { spec } = rendered(spread);
    expect(spec.nodeSelector).toEqual({ "edge-region": "tokyo" });
    expect(spec.topologySpreadConstraints).toEqual([
      {
        maxSkew: 2,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: name },
        nodeTaintsPolicy: "Honor",
      },
    ]);
  });
});

describe("NearRegion", () => {
  it("is near by round trip, within the budget", () => {
    const { spec, metadata } = rendered(
      (chart, workload) => void new placement.NearRegion(chart, "near", { workload, region: "tokyo" }),
    );
    expect(metadata.annotations).toEqual({ "skerry.dev/near-region": "tokyo", "skerry.dev/max-rtt-ms": "50" });
    expect(metadata.labels).toEqual(name);
    expect(spec.schedulerName).toBe("edge-scheduler");
  });

  it("falls back in order from a demand", () => {
    const { metadata } = rendered(
      (chart, workload) =>
        void new placement.NearRegion(chart, "near", {
          workload,
          region: "tokyo",
          fallback: ["sydney", "osaka"],
          maxRtt: Duration.seconds(1),
        }),
    );
    expect(metadata.labels).toMatchObject({ "required-region": "tokyo" });
    expect(metadata.annotations).toEqual({
      "skerry.dev/fallback-regions": "sydney,osaka",
      "skerry.dev/max-rtt-ms": "1000",
    });
  });

  it("is every node within the budget on a DaemonSet", () => {
    const { spec } = rendered(
      (chart, workload) => void new placement.NearRegion(chart, "near", { workload, region: "tokyo" }),
      { kind: "DaemonSet" },
    );
    expect(JSON.stringify(spec.affinity)).toContain(
      '{"key":"topology.kubernetes.io/region","operator":"In","values":["osaka","tokyo"]}',
    );
  });
});

describe("nodes", () => {
  it("OnDevice tolerates the taint of its devices, where the cluster has it", () => {
    const on = (device: string) => (chart: Chart, workload: ApiObject) =>
      void new placement.OnDevice(chart, "on", { workload, device });
    expect(rendered(on("raspberry-pi-4")).spec).toMatchObject({
      nodeSelector: { "device-type": "raspberry-pi-4" },
      tolerations: [pi4],
    });
    expect(rendered(on("raspberry-pi-5")).spec.tolerations).toEqual([]);
    expect(rendered(on("raspberry-pi-5"), { known: false }).spec.tolerations).toEqual([
      { ...pi4, value: "raspberry-pi-5" },
    ]);
  });

  it("Dedicated asks for the pools that have the taint, or for none where no fleet is known", () => {
    const dedicated = (chart: Chart, workload: ApiObject) =>
      void new placement.Dedicated(chart, "for", { workload, to: "iot" });
    const { spec } = rendered(dedicated);
    expect(spec.tolerations).toEqual([iot]);
    expect(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: "skerry.dev/node-pool", operator: "In", values: ["osaka-gw", "sydney-gw", "tokyo-gw"] },
          ],
        },
      ],
    });
    expect(rendered(dedicated, { known: false }).spec).toMatchObject({ tolerations: [iot] });
    expect(rendered(dedicated, { known: false }).spec.affinity).toBeUndefined();
  });

  it("demands are narrowed by each other", () => {
    const { spec } = rendered((chart, workload) => {
      new placement.OnNodePool(chart, "a", { workload, pool: ["tokyo-gw", "osaka-gw", "sydney-gw"] });
      new placement.OnNodePool(chart, "b", { workload, pool: ["osaka-gw", "tokyo-pi5"] });
    });
    expect(spec.nodeSelector).toEqual({ "skerry.dev/node-pool": "osaka-gw" });
    expect(spec.tolerations).toEqual([iot]);
  });

  it("a demand goes into each of the author's terms, for they are alternatives; one that says nothing stays so", () => {
    const arm = { matchExpressions: [{ key: "kubernetes.io/arch", operator: "In", values: ["arm64"] }] };
    const host = { matchFields: [{ key: "metadata.name", operator: "In", values: ["tokyo-gw-01"] }] };
    const pod = {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [arm, {}, host] } },
      },
    };
    const { spec } = rendered(
      (chart, workload) => void new placement.OnNodePool(chart, "on", { workload, pool: ["osaka-gw", "tokyo-gw"] }),
      { pod },
    );
    const pool = { key: "skerry.dev/node-pool", operator: "In", values: ["osaka-gw", "tokyo-gw"] };
    expect(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([
      { matchExpressions: [arm.matchExpressions[0], pool] },
      {},
      { ...host, matchExpressions: [pool] },
    ]);
  });

  it("WithDisk demands a disk, or prefers it", () => {
    const disk = (required: boolean) => (chart: Chart, workload: ApiObject) =>
      void new placement.WithDisk(chart, "disk", { workload, required });
    expect(rendered(disk(true)).spec.nodeSelector).toEqual({ disktype: "ssd" });
    expect(rendered(disk(false)).spec.affinity).toEqual({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 50, preference: { matchExpressions: [{ key: "disktype", operator: "In", values: ["ssd"] }] } },
        ],
      },
    });
  });
});

describe("other pods", () => {
  it("are found by their workload's selector, in its namespace", () => {
    const { spec } = rendered((chart, workload) => {
      const pods = new ApiObject(chart, "broker", {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "broker", namespace: "mqtt" },
        spec: { selector: { matchLabels: { app: "broker" } }, template: { metadata: {}, spec: { containers: [] } } },
      });
      new placement.TogetherWith(chart, "with", { workload, pods, domain: "zone" });
      new placement.AwayFrom(chart, "from-each-other", { workload, pods: workload, required: false });
    });
    expect(spec.affinity).toEqual({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            labelSelector: { matchLabels: { app: "broker" } },
            namespaces: ["mqtt"],
            topologyKey: "topology.kubernetes.io/zone",
          },
        ],
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { labelSelector: { matchLabels: name }, topologyKey: "kubernetes.io/hostname" },
          },
        ],
      },
    });
  });

  it("may ask for each other", () => {
    const { spec } = rendered((chart, workload) => {
      const pods = rawWorkload(chart, "StatefulSet", "broker");
      new placement.TogetherWith(chart, "with", { workload, pods });
      new placement.TogetherWith(chart, "and-back", { workload: pods, pods: workload });
    });
    expect(spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  });
});

it("spreads over one domain are merged into the strictest, and a softer one is left out", () => {
  const { spec } = rendered((chart, workload) => {
    new placement.SpreadAcrossZones(chart, "a", { workload, maxSkew: 3, minDomains: 2 });
    new placement.SpreadAcrossZones(chart, "b", { workload, maxSkew: 2, minDomains: 1 });
    new placement.SpreadAcrossZones(chart, "c", { workload, maxSkew: 2 });
    new placement.Available(chart, "d", { workload, replicas: 4 });
  });
  expect(spec.topologySpreadConstraints).toEqual([
    expect.objectContaining({ topologyKey: "topology.kubernetes.io/zone", maxSkew: 2, minDomains: 2 }),
    expect.objectContaining({ topologyKey: "kubernetes.io/hostname", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" }),
  ]);
});

it("Autonomous: a StatefulSet's volume outlives its pods, another's lives with them", () => {
  const place = (chart: Chart, workload: ApiObject) =>
    void new placement.Autonomous(chart, "stays", { workload, data: { path: "/data", size: Size.gibibytes(2) } });
  const lost = ["not-ready", "unreachable"].map((each) => ({
    key: `node.kubernetes.io/${each}`,
    operator: "Exists",
    effect: "NoExecute",
  }));
  const set = rendered(place, { kind: "StatefulSet" });
  expect(set.spec.tolerations).toEqual(lost);
  expect(set.object.spec).toMatchObject({
    volumeClaimTemplates: [
      {
        metadata: { name: "local-data" },
        spec: { storageClassName: "local-path", resources: { requests: { storage: "2Gi" } } },
      },
    ],
  });
  const deployment = rendered(place);
  expect(deployment.spec.volumes).toContainEqual({ name: "local-data", emptyDir: { sizeLimit: "2Gi" } });
  for (const { spec } of [set, deployment]) {
    expect(spec.containers[0]!.volumeMounts).toContainEqual({ name: "local-data", mountPath: "/data" });
  }
});

it("Available is replicas, a spread, a budget and a priority", () => {
  const { objects, object, spec } = rendered(
    (chart, workload) =>
      void new placement.Available(chart, "available", { workload, replicas: 3, maxUnavailable: 2, priority: "high" }),
  );
  expect(object.spec).toMatchObject({ replicas: 3 });
  expect(spec.priorityClassName).toBe("high");
  expect(spec.topologySpreadConstraints).toHaveLength(1);
  expect(objects.find(({ kind }) => kind === "PodDisruptionBudget")).toEqual({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "main", namespace: "default", labels: name },
    spec: { maxUnavailable: 2, selector: { matchLabels: name } },
  });
});

it("a job whose pods carry no label gets one, so that they can be counted", () => {
  const chart = new Chart(Testing.app(), "app");
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

describe("what others made", () => {
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

  it("is placed like the rest", () => {
    writeFileSync(join(folder, "chart.yaml"), HELM);
    const chart = new Chart(Testing.app(), "app");
    placement.placeIn(chart, fleet, "tokyo");
    const release = new Include(chart, "influxdb", { url: join(folder, "chart.yaml") });
    const workload = release.apiObjects.find(({ kind }) => kind === "StatefulSet")!;
    new placement.WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    new placement.OnDevice(chart, "gateways", { workload, device: "iot-gateway-x86" });
    new placement.Dedicated(chart, "iot", { workload, to: "iot", only: false });
    new placement.Available(chart, "available", { workload });
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

  it("of a kind that only its operator knows too, as long as its pods lie where a Deployment's do", () => {
    const chart = new Chart(Testing.app(), "app");
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
