import { parseFleet } from "../../../fleet/reading/parse";
import type { FleetInput } from "../../../fleet/reading/schema";
import type { PolicyReport } from "../../../policies/engine/report";
import { costLine, formatPrice, tabulateRegions } from "../../../preview/output/region-table";
import { previewChange, type Revision } from "../../../preview/preview";
import { renderStates } from "../../../preview/rendering";
import type { PreviewReport, RegionReport } from "../../../preview/report";
import { local } from "../../../stacks/local";
import { QUIET, TOKYO } from "./reports";
import { simulateRoundRobin } from "./round-robin";

const table = (...regions: RegionReport[]) => tabulateRegions({ ...QUIET, regions });

describe("load skew", () => {
  const skew = (before: number, after: number): RegionReport => ({
    ...TOKYO,
    region: `${before}`,
    skew: { before: { cpu: before, memory: 0 }, after: { cpu: after, memory: 0 } },
  });

  it("has columns only if it changes noticeably, and then lists only the regions where it does", () => {
    expect(table(skew(0.2, 0.25), { ...TOKYO, movedIn: 1 }).head).not.toContain("CPU skew");
    const { head, rows } = table(skew(0.2, 0.55), skew(0.3, 0.31));
    expect(rows.map((row) => row[head.indexOf("CPU skew")])).toEqual(["0.20 → 0.55"]);
  });
});

describe("cost per hour", () => {
  it.each([
    [0.0032, "0.0032"],
    [0.5, "0.50"],
    [12, "12.00"],
    [0.125, "0.125"],
  ])("is formatted: %d", (price, text) => expect(formatPrice(price)).toBe(text));

  const revise = (label: string, input: FleetInput): Revision => ({
    label,
    rendering: renderStates(parseFleet(input)),
    policy: { findings: [] } as unknown as PolicyReport,
  });
  const { prices: _prices, ...unpriced } = local;
  const shrink = (input: FleetInput): FleetInput => ({
    ...input,
    clusters: input.clusters.map((cluster) => ({
      ...cluster,
      nodePools: cluster.nodePools.map((pool) => (pool.name === "osaka-gw" ? { ...pool, count: 1 } : pool)),
    })),
  });
  const preview = (base: FleetInput, head: FleetInput): Promise<PreviewReport> =>
    previewChange(revise("main", base), revise("head", head), simulateRoundRobin);
  const priced = (perHour: Record<string, number>, currency = "USD"): FleetInput => ({
    ...unpriced,
    prices: { currency, perHour },
  });

  it("is compared per cluster and region, and says how many nodes have no price", async () => {
    const fleet = priced({ "iot-gateway-x86": 0.01, "m6i.large": 0.5 });
    const report = await preview(fleet, shrink(fleet));
    const osaka = report.regions.find(({ region }) => region === "osaka")!;
    expect(osaka.cost).toEqual({
      before: { perHour: 0.04, unknownNodes: 9 },
      after: { perHour: 0.01, unknownNodes: 9 },
    });
    const tokyo = report.clusters.find(({ cluster }) => cluster === "tokyo")!;
    expect(tokyo.cost?.after).toEqual({ perHour: 0.59, unknownNodes: 29 });
    expect(costLine(report)).toBe("Cost per hour: 1.90 → 1.87 USD; 96 of 139 → 96 of 136 nodes have no price.");
    const { head, rows } = tabulateRegions(report);
    expect(rows.find((row) => row[1] === "osaka")![head.indexOf("USD/h")]).toBe("0.04 + 9 unknown → 0.01 + 9 unknown");
  });

  it("prefers the price of a pool", async () => {
    const fleet = priced({ "iot-gateway-x86": 0.01 });
    const [cluster, ...others] = fleet.clusters;
    const [pool, ...pools] = cluster!.nodePools;
    const changed = { ...cluster!, nodePools: [{ ...pool!, pricePerHour: 2 }, ...pools] };
    const report = await preview(fleet, { ...fleet, clusters: [changed, ...others] });
    const { before, after } = report.clusters[0]!.cost!;
    expect([before.perHour, after.perHour]).toEqual([0.12, 0.12 + 2 * pool!.count]);
  });

  it("is unknown on the side that states no prices, or those in another currency", async () => {
    const fleet = priced({ "iot-gateway-x86": 0.01 });
    for (const base of [unpriced, priced({ "iot-gateway-x86": 0.02 }, "EUR")]) {
      const { clusters, currency } = await preview(base, fleet);
      expect(currency).toBe("USD");
      expect(clusters[0]!.cost).toEqual({
        before: { perHour: 0, unknownNodes: 42 },
        after: { perHour: 0.12, unknownNodes: 30 },
      });
    }
  });

  it("is absent if no revision states prices", async () => {
    const report = await preview(unpriced, unpriced);
    expect(report).not.toHaveProperty("currency");
    expect(report.clusters[0]).not.toHaveProperty("cost");
    expect(costLine(report)).toBe("");
  });
});
