import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { RenderedState } from "../../../preview/rendering";
import { endFromSnapshot, reduceCluster, startFromSnapshot } from "../../../preview/snapshot";

const SECRET = "hunter2";
const node = (name: string, created: string, labels: Record<string, string> = {}): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, creationTimestamp: created, annotations: { note: SECRET } },
    spec: { taints: [{ key: "old", value: "", effect: "NoSchedule" }], providerID: SECRET },
    status: { allocatable: { cpu: "3900m" }, capacity: { cpu: "4" }, conditions: [], images: [{ names: [SECRET] }] },
  }) as KubeObject;
const pod = (name: string, nodeName?: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "app", annotations: { "skerry.dev/near-region": "tokyo", token: SECRET } },
  spec: {
    nodeName,
    priority: 5,
    containers: [
      {
        name: "main",
        image: "main:1",
        command: ["run", SECRET],
        args: [SECRET],
        env: [{ name: "PASSWORD", value: SECRET }],
        resources: { requests: { cpu: "100m" } },
        livenessProbe: { exec: { command: [SECRET] } },
      },
    ],
    volumes: [
      { name: "login", secret: { secretName: SECRET } },
      { name: "data", persistentVolumeClaim: { claimName: "data-0" } },
    ],
  },
  status: { phase: "Running", startTime: "2026-01-03T00:00:00Z", message: SECRET },
});
const profile = (name: string): KubeObject => ({
  apiVersion: "skerry.dev/v1alpha1",
  kind: "NodeProfile",
  metadata: { name },
  status: { samples: [{ cpuPercent: 40 }] },
});
const state = (nodes: KubeObject[], objects: KubeObject[] = []): RenderedState => ({
  name: "east",
  kubernetesVersion: "1.36.3",
  nodes,
  objects,
  schedulerConfigurations: ["kind: KubeSchedulerConfiguration"],
});

it("keeps what scheduling reads and nothing that may be secret", () => {
  const text = JSON.stringify(reduceCluster("east", [node("a", "2026-01-01T00:00:00Z"), pod("web-1", "a")]));
  expect(text).not.toContain(SECRET);
  for (const kept of ["skerry.dev/near-region", '"cpu":"100m"', '"claimName":"data-0"', '"priority":5', "3900m"])
    expect(text).toContain(kept);
  expect(text).toContain('"startTime":"2026-01-03T00:00:00Z"');
});

it("orders nodes by age and keeps pods without a node apart", () => {
  const objects = [
    node("b", "2026-01-01T00:00:00Z"),
    node("a", "2026-01-02T00:00:00Z"),
    pod("waiting"),
    pod("web", "a"),
  ];
  const { nodes, pods, pendingPods } = reduceCluster("east", objects);
  expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["b", "a"]);
  expect(pods.map(({ metadata }) => metadata.name)).toEqual(["web"]);
  expect(pendingPods.map(({ metadata }) => metadata.name)).toEqual(["waiting"]);
});

it("gives the same bytes in whatever order the API server lists objects", () => {
  const objects = [node("a", ""), node("b", ""), pod("one", "a"), pod("two", "b"), profile("a")];
  expect(JSON.stringify(reduceCluster("east", [...objects].reverse()))).toBe(
    JSON.stringify(reduceCluster("east", objects)),
  );
});

describe("a preview from a snapshot", () => {
  const snapshot = reduceCluster("east", [node("a", "1", { zone: "z" }), pod("web", "a"), profile("a")]);

  it("starts with the pods and usage that were observed", () => {
    const before = startFromSnapshot(snapshot, state([], [profile("a"), profile("gone")]));
    expect(before.runningPods).toHaveLength(1);
    expect(before.objects).toEqual(snapshot.objects);
  });

  it("keeps observed nodes, with the labels and taints of their pool, and adds new ones", () => {
    const rendered = [node("a", "", { pool: "gw" }), node("new", "")].map((each) => ({
      ...each,
      spec: { taints: [] },
    }));
    const after = endFromSnapshot(snapshot, state(rendered, [profile("a"), profile("new")]));
    expect(after.nodes).toMatchObject([
      { metadata: { name: "a", labels: { zone: "z", pool: "gw" } }, spec: { taints: [] } },
      { metadata: { name: "new" } },
    ]);
    expect(after.objects.map(({ metadata, status }) => [metadata.name, Boolean(status)])).toEqual([
      ["new", true],
      ["a", true],
    ]);
  });

  it("drops the profiles of nodes that are removed", () => {
    expect(endFromSnapshot(snapshot, state([])).objects).toEqual([]);
  });
});
