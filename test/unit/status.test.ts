import { stripVTControlCharacters } from "node:util";

import { takeInventory } from "../../cli/status/collect";
import { renderStatus } from "../../cli/status/render";
import { expiresTooSoon } from "../../cli/status/expiry-limits";
import type { ExpiryStatus, NodeStatus, StatusReport } from "../../cli/status/report";

const EMPTY: StatusReport = {
  version: 1,
  clusters: [],
  nodes: [],
  pods: [],
  brokers: [],
  edgeAgents: [],
  edgeIngests: [],
  measuredLinks: [],
  unplaced: [],
  expiries: [],
};
const READY = { conditions: [{ type: "Ready", status: "True" }] };
const node = (name: string) => ({
  metadata: { name, labels: { "topology.kubernetes.io/region": "tokyo" } },
  status: READY,
});
const pod = (name: string, nodeName?: string, owner = "ReplicaSet") => ({
  metadata: { namespace: "app", name, ownerReferences: [{ apiVersion: "apps/v1", kind: owner, name, uid: name }] },
  spec: { containers: [], schedulerName: "edge-scheduler", ...(nodeName !== undefined && { nodeName }) },
  status: { phase: nodeName === undefined ? "Pending" : "Running", ...READY },
});

describe("the status of a cluster", () => {
  const { cluster, pods, unplaced } = takeInventory(
    "east",
    "https://east",
    { gitVersion: "v1.36.3" },
    {
      nodes: [node("a")],
      pods: [
        pod("here", "a"),
        pod("bound", "removed"),
        pod("waiting"),
        pod("ended", "removed", "DaemonSet"),
        pod("agent", undefined, "DaemonSet"),
      ],
      brokers: [],
      expiries: [],
    },
  );

  it("counts a pod as placed only if its node exists", () => {
    expect(cluster).toMatchObject({ pods: 4, podsPlaced: 1, podsReady: 1 });
    expect(pods.find(({ name }) => name === "bound")).not.toHaveProperty("node");
  });

  it("does not count the pod of a DaemonSet on a node that was removed", () => {
    expect(pods.map(({ name }) => name)).not.toContain("ended");
  });

  it("says why a pod is not placed", () => {
    expect(unplaced.map(({ name, reason }) => [name, reason])).toEqual([
      ["bound", "node removed no longer exists; the cluster will delete the pod"],
      ["waiting", 'not yet processed by scheduler "edge-scheduler"'],
      ["agent", 'not yet processed by scheduler "edge-scheduler"'],
    ]);
  });
});

describe("the table of regions", () => {
  const devices = ["iot-gateway-x86", "jetson-orin-nano", "raspberry-pi-4", "raspberry-pi-5"];
  const nodes = devices.flatMap((device, index) =>
    Array.from({ length: index + 1 }, (_, number): NodeStatus => {
      const name = `${device}-${number}`;
      return { cluster: "washington", name, region: "washington-dc", device, pool: device, role: "agent", ready: true };
    }),
  );
  const report: StatusReport = { ...EMPTY, nodes };
  const regions = (text: string): string[] => stripVTControlCharacters(text).split("\n\n")[0]!.split("\n");

  it("lists nodes by device where nothing limits its width", () => {
    expect(regions(renderStatus(report))[1]).toContain(
      "1 iot-gateway-x86, 2 jetson-orin-nano, 3 raspberry-pi-4, 4 raspberry-pi-5",
    );
    expect(renderStatus(report, 200)).toBe(renderStatus(report));
  });

  it("counts nodes and devices on a terminal that is too narrow", () => {
    const lines = regions(renderStatus(report, 80));
    expect(lines[1]).toContain("10 nodes, 4 devices");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("what expires", () => {
  const now = new Date("2026-11-24T00:00:00Z");
  const expiry = (kind: ExpiryStatus["kind"], name: string, date: string): ExpiryStatus => ({
    cluster: "east",
    kind,
    name,
    expires: `${date}T12:00:00.000Z`,
  });
  const render = (...expiries: readonly ExpiryStatus[]): string[] => {
    const report: StatusReport = { ...EMPTY, expiries };
    const lines = stripVTControlCharacters(renderStatus(report, 80, now)).split("\n");
    return lines.slice(lines.findIndex((line) => line.includes("0 unplaced")) + 1);
  };

  it("names the next certificate if none expires soon", () => {
    expect(
      render(expiry("admin-certificate", "system:admin", "2027-11-24"), expiry("authority", "root", "2046-01-01")),
    ).toEqual(["  next expiry: east: admin certificate system:admin expires in 365 days"]);
  });

  it("says what to do about a certificate that has expired or expires within 30 days", () => {
    expect(
      render(
        expiry("broker-certificate", "mqtt/cloud", "2026-11-20"),
        expiry("server-certificate", "kube-apiserver", "2026-12-23"),
        expiry("admin-certificate", "system:admin", "2026-12-24"),
      ),
    ).toEqual([
      "  east: broker certificate mqtt/cloud expired on 2026-11-20: run skerry up",
      "  east: server certificate kube-apiserver expires in 29 days: restart K3s on the servers",
      "  next expiry: east: admin certificate system:admin expires in 30 days",
    ]);
  });

  it("lists bootstrap tokens, whose expiry is no problem", () => {
    const token = expiry("bootstrap-token", "abc123", "2026-11-25");
    expect(render(token)).toEqual(["  east: bootstrap token abc123 expires in 1 day"]);
    expect(expiresTooSoon(token, now)).toBe(false);
  });
});
