import { describeUnsettled } from "../../cli/status/settle";

type Report = Parameters<typeof describeUnsettled>[0];

const pod = (name: string, ready: boolean): Report["pods"][number] => ({
  ...{ cluster: "east", namespace: "telemetry", name, node: "gw-01", ready },
  phase: "Running",
  scheduler: "edge-scheduler",
});
const agent = (depth: number): Report["edgeAgents"][number] => ({
  ...{ cluster: "east", name: "agent-gw-01", node: "gw-01", region: "sydney", answers: true },
  classes: [{ name: "telemetry", depth, oldestSeconds: 0, bytes: 0, maxBytes: 0, lost: 0, refused: 0 }],
});
const ingest = (stored?: number): Report["edgeIngests"][number] => ({
  ...{ cluster: "east", name: "edge-ingest-abc", answers: stored !== undefined },
  ...(stored !== undefined && { stored }),
});

const settled: Report = {
  unplaced: [],
  pods: [pod("dashboard-0", true)],
  edgeAgents: [agent(3)],
  edgeIngests: [ingest(1)],
  measuredLinks: [{ cluster: "east", pairs: 3, measured: 3 }],
};

it("finds nothing in a settled fleet", () => expect(describeUnsettled(settled, true)).toEqual([]));

it("counts a pod once that is neither placed nor ready", () => {
  const { cluster, namespace, name, scheduler } = pod("dashboard-1", false);
  const unplaced = [{ cluster, namespace, name, scheduler, reason: "0/3 nodes are available" }];
  const pods = [pod("dashboard-0", false), pod("dashboard-1", false)];
  expect(describeUnsettled({ ...settled, unplaced, pods }, true)).toEqual(["2 pods to become ready"]);
});

it("waits for an ingest only if agents of its cluster have messages", () => {
  for (const stored of [undefined, 0]) {
    const edgeIngests = [ingest(stored)];
    expect(describeUnsettled({ ...settled, edgeIngests }, true)).toEqual(["messages of east"]);
    expect(describeUnsettled({ ...settled, edgeIngests, edgeAgents: [agent(0)] }, true)).toEqual([]);
    expect(describeUnsettled({ ...settled, edgeIngests, edgeAgents: [] }, true)).toEqual([]);
  }
});

it("waits for links only where they count", () => {
  const measuredLinks = [
    { cluster: "east", pairs: 3, measured: 1 },
    { cluster: "west", pairs: 6, measured: 6 },
  ];
  expect(describeUnsettled({ ...settled, measuredLinks }, true)).toEqual(["2 links to be measured"]);
  expect(describeUnsettled({ ...settled, measuredLinks }, false)).toEqual([]);
});
