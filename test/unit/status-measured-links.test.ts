import { stripVTControlCharacters } from "node:util";

import type { CoreV1Api } from "@kubernetes/client-node";

import { takeInventory } from "../../cli/status/collect";
import {
  measuredLinksStatus,
  readMeasuredLinks,
  renderLinksSummary,
  renderMeasuredLinks,
} from "../../cli/status/measured-links";

const regionOf = new Map([
  ["t-01", "tokyo"],
  ["o-01", "osaka"],
  ["s-01", "sydney"],
]);
const agent = (nodeName: string, namespace = "skerry-node-agent") => ({
  metadata: { namespace, labels: { "app.kubernetes.io/name": "node-agent" } },
  spec: { containers: [], nodeName },
});
const both = (a: string, b: string, at: string) => [
  { from: a, to: b, rttMs: 9, basis: "measured", source: "s", at },
  { from: b, to: a, rttMs: 9, basis: "measured", source: "s", at },
];
const file = (...links: object[]): string => JSON.stringify({ version: 1, unit: "ms", regions: [], links });
const now = new Date("2026-11-27T10:00:00Z");
const pods = [agent("t-01"), agent("o-01"), agent("s-01"), agent("x-01")];

describe("the status of measured links", () => {
  it("counts the pairs of regions with agents, and those that are measured", () => {
    const links = file(
      ...both("osaka", "tokyo", "2026-11-27T09:30:00Z"),
      ...both("sydney", "tokyo", "2026-11-27T09:48:00Z"),
      // No agent is left in this region.
      ...both("paris", "tokyo", "2026-11-27T08:30:00Z"),
    );
    const [found] = measuredLinksStatus("asia", pods, regionOf, links);
    expect(found).toEqual({ cluster: "asia", pairs: 3, measured: 2, oldest: "2026-11-27T09:30:00Z" });
    expect(renderMeasuredLinks([found!], now).map(stripVTControlCharacters)).toEqual([
      "  asia: 2 of 3 links between regions measured, the oldest 30 min ago",
    ]);
  });

  it.each([
    ["before the first measurement", undefined],
    ["with an empty file", ""],
    ["with an invalid file", "{"],
  ])("has no time %s", (_, links) => {
    const [found] = measuredLinksStatus("asia", pods.slice(0, 2), regionOf, links);
    expect(found).toEqual({ cluster: "asia", pairs: 1, measured: 0 });
    expect(renderMeasuredLinks([found!], now).map(stripVTControlCharacters)).toEqual([
      "  asia: 0 of 1 link between regions measured",
    ]);
  });

  it.each([
    ["no agent", []],
    ["agents in one region", [agent("t-01"), agent("t-01")]],
    ["pods of another namespace", [agent("t-01", "other"), agent("o-01", "other")]],
  ])("is empty with %s", (_, those) => {
    expect(measuredLinksStatus("asia", those, regionOf, file())).toEqual([]);
  });

  it("is one line at the end of up", () => {
    const summary = (measured: number) =>
      renderLinksSummary([
        { cluster: "asia", pairs: 3, measured },
        { cluster: "europe", pairs: 1, measured: 1 },
      ]).map(stripVTControlCharacters);
    expect(summary(2)).toEqual(["  links: 3 of 4 between regions measured"]);
    expect(summary(3)).toEqual(["  links: 4 of 4 between regions measured"]);
    expect(renderLinksSummary([])).toEqual([]);
  });

  it("does not count agents that the lab simulates", () => {
    const node = (name: string, region: string) => ({
      metadata: { name, labels: { "topology.kubernetes.io/region": region } },
      spec: { providerID: `lab://${name}` },
    });
    const inventory = (podIP: string) =>
      takeInventory(
        "asia",
        "https://asia",
        { gitVersion: "v1.36.3" },
        {
          nodes: [node("t-01", "tokyo"), node("o-01", "osaka")],
          pods: [agent("t-01"), agent("o-01")].map((pod) => ({ ...pod, status: { podIP } })),
          brokers: [],
          expiries: [],
        },
      ).measuredLinks;
    expect(inventory("10.42.0.7")).toEqual([]);
    expect(inventory("127.5.0.7")).toEqual([{ cluster: "asia", pairs: 1, measured: 0 }]);
  });

  it.each([404, 403])("needs neither the ConfigMap nor the permission to read it: %d", async (code) => {
    const failing = (status: number) =>
      ({
        readNamespacedConfigMap: () => Promise.reject(Object.assign(new Error(), { code: status })),
      }) as unknown as CoreV1Api;
    await expect(readMeasuredLinks(failing(code))).resolves.toBeUndefined();
    await expect(readMeasuredLinks(failing(500))).rejects.toThrow();
  });
});
