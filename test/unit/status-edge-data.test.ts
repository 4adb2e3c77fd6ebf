import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { stripVTControlCharacters } from "node:util";

import { CoreV1Api, KubeConfig, type V1Node, type V1Pod } from "@kubernetes/client-node";

import { edgeDataStatus, readEdgeMetrics } from "../../cli/status/edge-data";
import { parseSamples } from "../../cli/status/prometheus-text";
import { renderEdgeData, renderEdgeSummary } from "../../cli/status/render-edge-data";

const AGENT = `# HELP skerry_edge_agent_queue_depth Messages that wait for the cloud's acknowledgement.
# TYPE skerry_edge_agent_queue_depth gauge
skerry_edge_agent_queue_depth{class="alarms"} 0
skerry_edge_agent_queue_depth{class="telemetry"} 1204
skerry_edge_agent_queue_bytes{class="telemetry"} 8.1e+06
skerry_edge_agent_queue_max_bytes{class="telemetry"} 5.4e+09
skerry_edge_agent_oldest_message_age_seconds{class="telemetry"} 754
skerry_edge_agent_messages_lost_total{class="telemetry",reason="age"} 3
skerry_edge_agent_messages_lost_total{class="telemetry",reason="full"} 4
skerry_edge_agent_messages_refused_total{class="alarms"} 1
skerry_edge_agent_connected 1
skerry_edge_agent_last_acknowledgement_timestamp_seconds 1.7957376e+09
`;
const INGEST = `skerry_edge_ingest_messages_total 41000
skerry_edge_ingest_duplicates_total 1
skerry_edge_ingest_rejected_total{reason="topic"} 0
skerry_edge_ingest_missing_messages 2
skerry_edge_ingest_connected 1
skerry_edge_ingest_last_commit_timestamp_seconds 1795737598.5
`;
const now = new Date(1_795_737_600_000);

const pod = (program: string, name: string, node: string, phase = "Running"): V1Pod => ({
  metadata: {
    name,
    namespace: "mqtt",
    labels: { "app.kubernetes.io/name": program, "app.kubernetes.io/instance": name.replace(/-0$/, "") },
  },
  spec: { containers: [], nodeName: node },
  status: { phase },
});
const pods = [
  pod("edge-agent", "agent-gw-01-0", "gw-01"),
  pod("edge-agent", "agent-gw-02-0", "gw-02"),
  pod("edge-agent", "agent-gw-03-0", "gw-03", "Pending"),
  pod("edge-agent", "agent-gw-04-0", "gw-04"),
  pod("edge-ingest", "edge-ingest-abc", "cloud-1"),
  pod("mosquitto", "sydney-0", "gw-01"),
];

/** An API server whose proxy reaches the first agent and the ingest. */
let server: Server;
const requests: string[] = [];
let core: CoreV1Api;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? "");
    requests.push(url);
    const text = url.includes("agent-gw-01-0:8650") ? AGENT : url.includes("edge-ingest-abc:8651") ? INGEST : undefined;
    response.writeHead(text === undefined ? 503 : 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "east", skipTLSVerify: true, server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    { name: "admin" },
  );
  core = config.makeApiClient(CoreV1Api);
});

afterAll(() => server.close());

const node = (name: string, ready = true, providerID?: string): V1Node => ({
  metadata: { name },
  spec: { ...(providerID !== undefined && { providerID }) },
  status: { conditions: [{ type: "Ready", status: ready ? "True" : "Unknown" }] },
});
const nodes = [
  ...["gw-01", "gw-02", "gw-03", "cloud-1"].map((name) => node(name)),
  node("gw-04", false),
  node("lab-01", true, "lab://lab-01"),
];
const regionOf = new Map([
  ["gw-01", "sydney"],
  ["gw-02", "sydney"],
]);

it("reads the metrics of running agents and ingests through the API server, and of nothing else", async () => {
  const { edgeAgents, edgeIngests } = edgeDataStatus("east", await readEdgeMetrics(core, pods, nodes), regionOf);
  expect(requests.sort()).toEqual([
    "/api/v1/namespaces/mqtt/pods/agent-gw-01-0:8650/proxy/metrics",
    "/api/v1/namespaces/mqtt/pods/agent-gw-02-0:8650/proxy/metrics",
    "/api/v1/namespaces/mqtt/pods/edge-ingest-abc:8651/proxy/metrics",
  ]);
  expect(edgeAgents).toEqual([
    {
      cluster: "east",
      name: "agent-gw-01",
      node: "gw-01",
      region: "sydney",
      answers: true,
      connected: true,
      lastAcknowledgement: "2026-11-27T00:00:00.000Z",
      classes: [
        { name: "alarms", depth: 0, oldestSeconds: 0, bytes: 0, maxBytes: 0, lost: 0, refused: 1 },
        { name: "telemetry", depth: 1204, oldestSeconds: 754, bytes: 8.1e6, maxBytes: 5.4e9, lost: 7, refused: 0 },
      ],
    },
    { cluster: "east", name: "agent-gw-02", node: "gw-02", region: "sydney", answers: false, classes: [] },
    { cluster: "east", name: "agent-gw-04", node: "gw-04", region: "", answers: false, classes: [] },
  ]);
  expect(edgeIngests).toMatchObject([{ stored: 41000, duplicates: 1, rejected: 0, missing: 2, connected: true }]);
});

describe("the text", () => {
  const render = (report: Partial<Parameters<typeof renderEdgeData>[0]>): string[] =>
    stripVTControlCharacters(renderEdgeData({ edgeAgents: [], edgeIngests: [], ...report }, now).join("\n"))
      .split("\n")
      .map((line) => line.trim().replace(/ {2,}/g, " | "));

  it("shows what waits, how old it is, what was lost, and when the cloud acknowledged", () => {
    const metrics = [
      { pod: pods[0]!, text: AGENT },
      { pod: pods[1]!, text: AGENT.replace("connected 1", "connected 0").replace("1.7957376e+09", "0") },
      { pod: pods[4]!, text: INGEST },
    ];
    expect(render(edgeDataStatus("east", metrics, regionOf))).toEqual([
      "CLUSTER | REGION | CLASS | MESSAGES | OLDEST | LOST | REFUSED | ACKNOWLEDGED",
      "east | sydney | alarms | 0 waiting | 0 s | 0 lost | 2 refused | never",
      "east | sydney | telemetry | 2408 waiting | 12 min | 14 lost | 0 refused | never",
      "east: edge agent agent-gw-02 is not connected to its broker and keeps its messages",
      "east: ingest 41000 stored, 1 duplicate, 0 rejected, 2 missing so far, last commit 1 s ago",
    ]);
  });

  it("has a short form for the end of an update", () => {
    const summarize = (metrics: Parameters<typeof edgeDataStatus>[1]): string[] =>
      renderEdgeSummary(edgeDataStatus("east", metrics, regionOf), now).map(stripVTControlCharacters);
    expect(
      summarize([
        { pod: pods[0]!, text: AGENT },
        { pod: pods[4]!, text: INGEST },
      ]),
    ).toEqual(["  edge data: 1 agent, 41000 messages stored, last 1 s ago"]);
    expect(summarize([{ pod: pods[4]!, text: undefined }])).toEqual([
      "  edge data: 0 agents, 0 messages stored, last never",
      "  edge data: the ingest of east does not answer",
    ]);
    expect(summarize([{ pod: pods[4]!, text: "" }])[1]).toBe(
      "  edge data: the ingest of east has not stored anything yet",
    );
    expect(summarize([])).toEqual([]);
  });

  it("names programs that do not answer", () => {
    const metrics = [pods[0]!, pods[4]!].map((each) => ({ pod: each, text: undefined }));
    expect(render(edgeDataStatus("east", metrics, regionOf))).toEqual([
      "east: edge agent agent-gw-01 does not answer",
      "east: ingest edge-ingest-abc does not answer",
    ]);
  });

  it("is empty for clusters without edge data", () => expect(render({})).toEqual([""]));

  it("does not alarm about missing messages that still wait at the edge", () => {
    const metrics = [
      { pod: pods[0]!, text: AGENT },
      { pod: pods[4]!, text: INGEST },
    ];
    expect(render(edgeDataStatus("east", metrics, regionOf)).at(-1)).toContain("2 missing so far");
    expect(render(edgeDataStatus("east", metrics.slice(1), regionOf)).at(-1)).toContain(", 2 missing,");
  });
});

describe("pods that the lab simulates", () => {
  const simulated = [pod("edge-agent", "agent-lab-01-0", "lab-01"), pod("edge-ingest", "edge-ingest-lab", "lab-01")];
  const inspect = async () => edgeDataStatus("east", await readEdgeMetrics(core, simulated, nodes), regionOf);

  it("are not asked, and are reported as simulated", async () => {
    const before = requests.length;
    const { edgeAgents, edgeIngests } = await inspect();
    expect(requests).toHaveLength(before);
    expect([...edgeAgents, ...edgeIngests]).toMatchObject([
      { simulated: true, answers: false },
      { simulated: true, answers: false },
    ]);
  });

  it("are one line of the text", async () => {
    const report = await inspect();
    expect(renderEdgeData(report, now)).toEqual([
      "  2 edge agents and ingests are simulated; npx skerry lab status says why",
    ]);
    expect(renderEdgeSummary(report, now)).toEqual(["  edge data: 1 agent, simulated"]);
  });

  it("do not include processes of the lab", async () => {
    const process = { ...simulated[0]!, status: { phase: "Running", podIP: "127.0.0.1" } };
    const [metrics] = await readEdgeMetrics(core, [process], nodes);
    expect(metrics).toMatchObject({ simulated: false });
  });
});

it("parses labels with escapes, exponents and infinities", () => {
  expect(parseSamples('a{b="x\\"y\\\\z\\n",c="1"} +Inf\n# a comment\nb 1e-3 1700000000\nbroken{')).toEqual([
    { name: "a", labels: { b: 'x"y\\z\n', c: "1" }, value: Infinity },
    { name: "b", labels: {}, value: 0.001 },
  ]);
});
