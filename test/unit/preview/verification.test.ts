import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { renderMarkdown } from "../../../preview/output/markdown";
import type { PreviewReport } from "../../../preview/report";
import { reduceCluster, type Snapshot, SNAPSHOT_VERSION } from "../../../preview/snapshot";
import type { SimulatedPod } from "../../../preview/simulator/protocol";
import type { AgreementReport } from "../../../preview/verification/agreement";
import { expectPlacements } from "../../../preview/verification/expectation";
import { formatPositions, parsePositions } from "../../../preview/verification/positions";
import { digestTemplate } from "../../../preview/verification/template";
import { summarizeAgreement, verifyReport } from "../../../preview/verification/verify";
import { outcome, pod, QUIET, simulation } from "./reports";

const SPEC = { containers: [{ name: "main", image: "web:1", resources: { requests: { cpu: "100m" } } }] };
const TEMPLATE: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "app", name: "web" },
  spec: { template: { spec: SPEC } },
};

/** A report that expects these pods on `tokyo-1`, `tokyo-2` and `osaka-1`. */
function report(pods: readonly SimulatedPod[], more: Partial<PreviewReport> = {}): PreviewReport {
  const head = {
    name: "east",
    kubernetesVersion: "1.36.3",
    nodes: [],
    objects: [TEMPLATE],
    schedulerConfigurations: [],
  };
  const expected = [expectPlacements(simulation(outcome([]), outcome(pods)), head)];
  return { ...QUIET, snapshot: "2026-03-01T00:00:00Z", expected, ...more };
}

const node = (name: string, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "topology.kubernetes.io/region": name.split("-")[0]! } },
  spec: {},
  status: { conditions: [{ type: "Ready", status: "True" }] },
  ...more,
});

let names = 0;
/** A pod of Deployment `app/web` as the API server has it. */
const live = (nodeName?: string, more: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    namespace: "app",
    name: `web-5d9f-${(names += 1)}`,
    labels: { "pod-template-hash": "5d9f" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d9f", uid: "1", controller: true }],
    ...metadata,
  } as KubeObject["metadata"],
  spec: { ...SPEC, schedulerName: "default-scheduler", ...(nodeName !== undefined && { nodeName }), ...more },
  status: { phase: nodeName === undefined ? "Pending" : "Running" },
});

const started = (each: KubeObject, startTime: string): KubeObject => ({
  ...each,
  status: { ...(each.status as object), startTime },
});

const NODES = ["tokyo-1", "tokyo-2", "osaka-1"].map((name) => node(name));
const snapshot = (...objects: KubeObject[]): Snapshot => ({
  version: SNAPSHOT_VERSION,
  takenAt: "2026-03-02T10:00:00Z",
  clusters: [reduceCluster("east", objects)],
});
const verify = (expected: PreviewReport, ...pods: KubeObject[]): AgreementReport =>
  verifyReport(expected, snapshot(...NODES, ...pods));
const causes = ({ disagreements }: AgreementReport): string[] =>
  disagreements.flatMap((each) => each.causes.map(({ cause }) => cause));

describe("agreement", () => {
  it("is full if every pod is where the report says, whatever its name", () => {
    const found = verify(report([pod("a", "tokyo-1"), pod("b", "osaka-1")]), live("osaka-1"), live("tokyo-1"));
    expect(found).toMatchObject({ pods: 2, regions: 2, nodes: 2, ties: 0, disagreements: [], unclaimed: [] });
  });

  it("counts a pod on another node with the same score, and says so", () => {
    const found = verify(report([pod("a", "tokyo-1", { ties: ["tokyo-2"] })]), live("tokyo-2"));
    expect(found).toMatchObject({ pods: 1, regions: 1, nodes: 1, ties: 1, disagreements: [] });
  });

  it("pairs tied pods so that most agree", () => {
    const expected = report([pod("a", "tokyo-1", { ties: ["tokyo-2"] }), pod("b", "tokyo-1")]);
    expect(verify(expected, live("tokyo-1"), live("tokyo-2"))).toMatchObject({ nodes: 2, ties: 1 });
  });

  it("tells another node from another region", () => {
    const expected = report([pod("a", "tokyo-1"), pod("b", "tokyo-1")]);
    const found = verify(expected, live("tokyo-2"), live("osaka-1"));
    expect(found).toMatchObject({ pods: 2, regions: 1, nodes: 0 });
    expect(found.disagreements.map(({ level, found: place }) => [level, place?.node])).toEqual([
      ["node", "tokyo-2"],
      ["region", "osaka-1"],
    ]);
  });

  it("compares pods that fit nowhere", () => {
    const expected = report([pod("a", "tokyo-1"), pod("b"), pod("c")]);
    expect(verify(expected, live("tokyo-1"), live(), live())).toMatchObject({
      regions: 3,
      unschedulable: { expected: 2, found: 2 },
    });
    expect(verify(expected, live("tokyo-1"), live(), live("osaka-1"))).toMatchObject({
      regions: 2,
      unschedulable: { expected: 2, found: 1 },
    });
  });

  it("counts missing pods, and those of a workload that the change removes", () => {
    expect(verify(report([pod("a", "tokyo-1")]))).toMatchObject({ pods: 1, regions: 0 });
    const removed = [expectPlacements(simulation(outcome([pod("a", "tokyo-1")]), outcome([])), undefined)];
    expect(verify(report([], { expected: removed }), live("tokyo-1"))).toMatchObject({ pods: 1, regions: 0 });
  });

  it("ignores pods that terminate or have ended", () => {
    const ending = live("osaka-1", {}, { deletionTimestamp: "2026-03-02T09:00:00Z" });
    const ended = { ...live("osaka-1"), status: { phase: "Failed" } };
    expect(verify(report([pod("a", "tokyo-1")]), live("tokyo-1"), ending, ended)).toMatchObject({ pods: 1, nodes: 1 });
  });

  it("lists workloads that the report does not have, without counting them", () => {
    const other = live("tokyo-1", {}, { name: "debug", ownerReferences: [] });
    expect(verify(report([pod("a", "tokyo-1")]), live("tokyo-1"), other)).toMatchObject({
      pods: 1,
      unclaimed: [{ workload: { cluster: "east", kind: "Pod", namespace: "app", name: "debug" }, pods: 1 }],
    });
  });
});

describe("the cause of a disagreement", () => {
  const expected = report([pod("a", "tokyo-1")]);
  const image = { containers: [{ ...SPEC.containers[0]!, image: "web:2" }] };
  it.each<[string, AgreementReport, string[]]>([
    ["other replicas", verify(expected, live("tokyo-1"), live("osaka-1")), ["ReplicasDiffer"]],
    ["another template", verify(expected, live("osaka-1", image)), ["TemplateDiffers"]],
    ["a node that is gone", verifyReport(expected, snapshot(NODES[2]!, live("osaka-1"))), ["NodeMissing"]],
    [
      "a pod on a node that is gone",
      verifyReport(expected, snapshot(NODES[2]!, live("tokyo-1"))),
      ["NodeRemoved", "NodeMissing"],
    ],
    [
      "a cordoned node",
      verifyReport(expected, snapshot(node("tokyo-1", { spec: { unschedulable: true } }), NODES[2]!, live("osaka-1"))),
      ["NodeUnavailable"],
    ],
    ["a new node", verifyReport(expected, snapshot(...NODES, node("osaka-2"), live("osaka-2"))), ["NodeNew"]],
    [
      "pods of other workloads",
      verify(expected, live("osaka-1"), live("tokyo-1", {}, { name: "debug", ownerReferences: [] })),
      ["OtherPods"],
    ],
    [
      "something not modelled",
      verify({ ...expected, notModelled: ["east: HorizontalPodAutoscaler app/web: …"] }, live("osaka-1")),
      ["NotModelled"],
    ],
    [
      "an earlier tie",
      verify(
        report([pod("a", "tokyo-1", { ties: ["tokyo-2"] }), pod("b", "tokyo-1")]),
        live("tokyo-2"),
        live("osaka-1"),
      ),
      ["AfterTie"],
    ],
    [
      "a pod that another scheduler placed at the same time",
      verify(
        expected,
        started(live("osaka-1"), "2026-03-01T00:00:04Z"),
        started(
          live("tokyo-2", { schedulerName: "edge" }, { name: "other", ownerReferences: [] }),
          "2026-03-01T00:00:00Z",
        ),
      ),
      ["ConcurrentPlacement"],
    ],
    [
      "measured load, and a simulated start",
      verify((({ snapshot: _snapshot, ...rest }) => rest)(expected), live("osaka-1"), {
        apiVersion: "skerry.dev/v1alpha1",
        kind: "NodeProfile",
        metadata: { name: "tokyo-1" },
        status: { samples: [{ cpuPercent: 40 }] },
      }),
      ["MeasuredLoad", "SimulatedStart"],
    ],
    [
      "load that was measured again since the snapshot",
      verify(expected, live("osaka-1"), {
        apiVersion: "skerry.dev/v1alpha1",
        kind: "NodeProfile",
        metadata: { name: "tokyo-1" },
        status: { samples: [{ cpuPercent: 40 }] },
      }),
      ["MeasuredLoad"],
    ],
    ["nothing that the cluster shows", verify(expected, live("osaka-1")), ["Unknown"]],
  ])("is %s", (_, found, expectedCauses) => {
    expect(found.disagreements).not.toEqual([]);
    expect([...new Set(causes(found))]).toEqual(expectedCauses);
  });
});

it("takes a pod for one of its template whatever the API server adds to it", () => {
  const defaulted = { ...SPEC, schedulerName: "default-scheduler", restartPolicy: "Always", priority: 0 };
  expect(digestTemplate(defaulted)).toBe(digestTemplate(SPEC));
  expect(digestTemplate({ ...SPEC, nodeSelector: { disktype: "ssd" } })).not.toBe(digestTemplate(SPEC));
});

it("rejects a report on other clusters", () => {
  const other: Snapshot = { ...snapshot(), clusters: [reduceCluster("west", [])] };
  expect(() => verifyReport(report([]), other)).toThrow(
    "the report on fleet test has clusters east; found west: is it a report on another fleet?",
  );
});

describe("the next report", () => {
  const agreement = verify(report([pod("a", "tokyo-1", { ties: ["tokyo-2"] })]), live("tokyo-2"));

  it("shows the last agreement", () => {
    expect(renderMarkdown({ ...QUIET, agreement: summarizeAgreement(agreement, "test") })).toContain(
      "Last verified preview (main → 1a2b3c, 2026-03-02): 1 of 1 (100 %) pods in the expected region, " +
        "1 of 1 (100 %) on the expected node, 1 of them by a tie.",
    );
  });

  it("rejects that of another fleet", () => {
    expect(() => summarizeAgreement(agreement, "production")).toThrow("must be that of fleet production, got test");
  });
});

it("reads the positions of tied nodes as it wrote them", () => {
  expect(formatPositions([12, 5, 3, 4, 20])).toBe("12: 3-5 20");
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50), { minLength: 1 }), ([first, ...others]) => {
      const read = parsePositions(formatPositions([first!, ...others]));
      expect(read).toEqual([first, ...others.sort((a, b) => a - b)]);
    }),
  );
});

it("stays small: a placement of 10,000 pods on 1,000 nodes with a hundred ties each takes less than 400 kB", () => {
  const nodes = Array.from({ length: 1000 }, (_, index) => ({
    ...outcome([]).nodes[0]!,
    name: `tokyo-gateway-${index}`,
  }));
  const pods = Array.from({ length: 10_000 }, (_, index) =>
    pod(`web-${index}`, nodes[(index * 7) % 1000]!.name, {
      owner: { kind: "Deployment", namespace: "app", name: `web-${index % 200}` },
      ties: nodes.slice(index % 900, (index % 900) + 100).map(({ name }) => name),
    }),
  );
  const expected = expectPlacements(simulation(outcome([]), outcome(pods, { nodes })), undefined);
  expect(JSON.stringify(expected, null, 2).length).toBeLessThan(400_000);
});

describe("the command", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "skerry-verify-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, value: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const run = (...args: string[]) =>
    spawnSync(join(__dirname, "..", "..", "..", "bin", "skerry"), ["verify", ...args], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });

  it("ends with 0 for a kept promise, 2 for a broken one, and 1 for a report of another version", () => {
    const file = write("report.json", report([pod("a", "tokyo-1")]));
    const kept = write("kept.json", snapshot(...NODES, live("tokyo-1")));
    const broken = write("broken.json", snapshot(...NODES, live("osaka-1")));
    const output = join(folder, "agreement.json");
    expect(run(file, "--snapshot", kept, "--format", "json", "--output", output)).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(output, "utf8"))).toMatchObject({ version: 1, pods: 1, regions: 1 });
    const { status, stdout } = run(file, "--snapshot", broken);
    expect(status).toBe(2);
    expect(stdout).toContain("Not kept: 0 of 1 (0 %) pods in the expected region");
    expect(stdout).toContain("east: app/web: other region: expected tokyo / tokyo-1, found osaka / osaka-1.");
    expect(run(write("old.json", { version: 0 }), "--snapshot", kept)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("version must be 1, got 0") as string,
    });
  });
});
