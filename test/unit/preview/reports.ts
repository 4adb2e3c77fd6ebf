import type { Outcome, SimulatedPod, SimulationReport } from "../../../preview/simulator/protocol";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { PreviewReport, RegionReport } from "../../../preview/report";

/** A pod of Deployment `app/web` on a node; without one, it is unschedulable for the reason with index 0. */
export const pod = (name: string, node?: string, more: Partial<SimulatedPod> = {}): SimulatedPod => ({
  namespace: "app",
  name,
  owner: { kind: "Deployment", namespace: "app", name: "web" },
  scheduler: "edge-scheduler",
  status: node === undefined ? "Unschedulable" : "Placed",
  origin: "Kept",
  ...(node === undefined ? { verdict: 0 } : { node }),
  ...more,
});

/** Nodes `tokyo-1`, `tokyo-2` and `osaka-1`, each in the region that its name starts with. */
const NODES = ["tokyo-1", "tokyo-2", "osaka-1"].map((name) => ({
  name,
  region: name.split("-")[0]!,
  ready: true,
  pods: 0,
  requested: { cpu: "1", memory: "512Mi" },
  allocatable: { cpu: "4", memory: "1Gi" },
}));

export const outcome = (pods: readonly SimulatedPod[], more: Partial<Outcome> = {}): Outcome => ({
  pods,
  workloads: [],
  nodes: NODES,
  unschedulable: [
    {
      message: "0/3 nodes are available: 3 Insufficient memory.",
      groups: [{ plugin: "NodeResourcesFit", reasons: ["Insufficient memory"], nodes: NODES.map(({ name }) => name) }],
      shortages: [{ resource: "memory", requested: "2Gi", largestFree: "512Mi" }],
    },
  ],
  ...more,
});

/** Deployment `app/<name>`, whose pods have the label `app`. */
export const deployment = (name: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "app", name },
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [], ...spec } } },
});

export const simulation = (before: Outcome, after: Outcome): SimulationReport => ({
  cluster: "east",
  kubernetes: "v1.36.3",
  seed: 1,
  before,
  after,
});

const SHARES = { cpu: 0.3, memory: 0.02 };

/** Three nodes with five pods in Tokyo, in which nothing changes. */
export const TOKYO: RegionReport = {
  cluster: "east",
  region: "tokyo",
  nodes: { before: 3, after: 3 },
  pods: { before: 5, after: 5 },
  movedIn: 0,
  movedOut: 0,
  roundTrip: {},
  requested: { before: SHARES, after: SHARES },
  skew: { before: SHARES, after: SHARES },
};

/** A report in which nothing changes. */
export const QUIET: PreviewReport = {
  version: 1,
  fleet: "test",
  base: "main",
  head: "1a2b3c",
  seed: 1,
  kubernetes: "v1.36.3",
  clusters: [],
  regions: [],
  geography: { regions: [], links: [] },
  placements: [],
  expected: [],
  moves: [],
  created: [],
  removed: [],
  unschedulable: [],
  blocked: [],
  objects: [],
  findings: [],
  drills: [],
  errors: [],
  warnings: [],
  notModelled: [],
  tied: 0,
};
