import { collectGeography } from "../../../preview/geography";
import type { Rendering } from "../../../preview/rendering";
import type { RegionReport } from "../../../preview/report";

const rendering = (regions: Rendering["regions"], links: Rendering["links"]): Rendering => ({
  version: 1,
  fleet: "test",
  clusters: [],
  regions,
  links,
});
const at = (name: string, latitude: number) => ({ name, latitude, longitude: 0 });
const reported = (...names: string[]): RegionReport[] => names.map((region) => ({ region }) as RegionReport);

it("locates regions that only one revision has, and prefers the head where both have one", () => {
  const base = rendering([at("tokyo", 1), at("osaka", 2)], [{ from: "tokyo", to: "osaka", rttMs: 8 }]);
  const head = rendering([at("tokyo", 3)], []);
  expect(collectGeography(base, head, reported("osaka", "tokyo"))).toEqual({
    regions: [at("osaka", 2), at("tokyo", 3)],
    links: [{ from: "tokyo", to: "osaka", rttMs: 8 }],
  });
});

it("omits regions without nodes, and their links", () => {
  const links = [
    { from: "tokyo", to: "osaka", rttMs: 8 },
    { from: "tokyo", to: "sydney", rttMs: 115 },
  ];
  const fleet = rendering([at("tokyo", 1), at("osaka", 2), at("sydney", 3)], links);
  expect(collectGeography(fleet, fleet, reported("osaka", "tokyo"))).toEqual({
    regions: [at("osaka", 2), at("tokyo", 1)],
    links: [links[0]],
  });
});
