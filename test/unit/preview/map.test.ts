import fc from "fast-check";

import { renderMap } from "../../../preview/output/html/map";
import { collectMoves, countPods, collectRegions, type MapView } from "../../../preview/output/html/map-data";
import { renderDetail } from "../../../preview/output/html/panel";
import { fitProjection } from "../../../preview/output/html/projection";
import type { PreviewReport } from "../../../preview/report";
import { previewLocalFleet } from "./local-fleet";

const at = (longitude: number, latitude = 0) => ({ name: `${longitude}`, longitude, latitude });

describe("the projection", () => {
  it("keeps every region inside of the map, west to the left and north at the top", () => {
    const locations = fc.array(
      fc.record({
        name: fc.constant(""),
        latitude: fc.double({ min: -90, max: 90, noNaN: true }),
        longitude: fc.double({ min: -180, max: 180, noNaN: true }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(locations, fc.integer({ min: 280, max: 2000 }), (regions, width) => {
        const projection = fitProjection(regions, width);
        for (const region of regions) {
          const { x, y } = projection.project(region);
          expect(x).toBeGreaterThan(0);
          expect(x).toBeLessThan(width);
          expect(y).toBeGreaterThan(0);
          expect(y).toBeLessThan(projection.height);
        }
      }),
    );
  });

  it("crosses the antimeridian only if that makes the map much narrower", () => {
    const pacific = fitProjection([at(140, 35), at(-120, 35), at(175, -37)], 900);
    expect(pacific.project(at(140)).x).toBeLessThan(pacific.project(at(-120)).x);
    const world = fitProjection([at(-97), at(8.7), at(151)], 900);
    expect(world.project(at(-97)).x).toBeLessThan(world.project(at(151)).x);
  });
});

describe("the map", () => {
  let report: PreviewReport;
  beforeAll(async () => void (report = await previewLocalFleet()));

  const count = (view: Partial<MapView>, name: string): number =>
    countPods(report, collectRegions(report), { width: 900, position: 1, ...view }).get(name)!;

  it("interpolates the pods of each region between the two states", () => {
    expect([0, 0.5, 1].map((position) => count({ position }, "sydney"))).toEqual([33, 26, 19]);
  });

  it("draws an arc for the pods that move between two regions, from the first position after the base", () => {
    expect(collectMoves(report)).toEqual([
      { from: "sydney", to: "tokyo", pods: 1 },
      { from: "sydney", to: "osaka", pods: 1 },
    ]);
    const arcs = (position: number): number =>
      (renderMap(report, { width: 900, position }).match(/class="flow"/g) ?? []).length;
    expect([0, 0.5, 1].map(arcs)).toEqual([0, 2, 2]);
  });

  it("shows where the pods of a lost region go", () => {
    const drill = report.drills.findIndex((each) => each.drill === "region=sydney");
    expect(count({ drill }, "sydney")).toBe(0);
    const gained = ["tokyo", "osaka"].map((name) => count({ drill }, name) - count({}, name));
    const moved = report.drills[drill]!.displaced.filter(({ fate }) => fate === "Rescheduled");
    expect(gained[0]! + gained[1]!).toBe(moved.reduce((sum, { pods }) => sum + pods, 0));
    const view = { width: 900, position: 1, drill };
    expect(renderMap(report, view)).toContain('class="region lost" data-region="sydney"');
    expect(renderDetail(report, view)).toContain("<h3>Drill region=sydney</h3>");
  });

  it("shows one cluster, and the links within it", () => {
    const map = renderMap(report, { width: 900, position: 1, cluster: "frankfurt" });
    expect([...map.matchAll(/data-region="([^"]*)"/g)].map(([, name]) => name).sort()).toEqual([
      "frankfurt",
      "london",
      "madrid",
    ]);
    expect(map.match(/class="link"/g)).toHaveLength(3);
    expect(map.match(/class="round-trip"[^>]*>\d+ ms/g)).toHaveLength(3);
  });

  it("shows the links from a selected region to all others", () => {
    const map = renderMap(report, { width: 900, position: 1, region: "sydney" });
    expect(map.match(/class="link"/g)).toHaveLength(9);
  });
});
