import { parseDrill } from "../../../cli/preview/options";
import { parseFleet } from "../../../fleet/reading/parse";
import { ALL_REGIONS, type DrillRequest, resolveDrills } from "../../../preview/drills/targets";
import { formatDrill } from "../../../preview/drills/drills";
import { renderStates } from "../../../preview/rendering";
import { local } from "../../../stacks/local";

const rendering = renderStates(parseFleet(local));
const withoutSydney = {
  ...rendering,
  clusters: rendering.clusters.map((cluster) => ({
    ...cluster,
    nodes: cluster.nodes.filter(({ metadata }) => metadata.labels?.["topology.kubernetes.io/region"] !== "sydney"),
  })),
};

const resolve = (texts: readonly string[], renderings = [rendering]): string[] => {
  const requests = texts.reduce<DrillRequest[]>((before, text) => parseDrill(text, before), []);
  return resolveDrills(requests, renderings).map(formatDrill);
};

const REGIONS = local.regions.map(({ name }) => `region=${name}`).sort();

it("drills every region with nodes once, by name, in the place of the request", () => {
  expect(resolve([ALL_REGIONS])).toEqual(REGIONS);
  expect(resolve([ALL_REGIONS, "region=tokyo", ALL_REGIONS])).toEqual(REGIONS);
  expect(resolve(["node=osaka-gw-01", "region=tokyo", ALL_REGIONS, "link=tokyo:osaka", "link=osaka:tokyo"])).toEqual([
    "node=osaka-gw-01",
    "region=tokyo",
    ...REGIONS.filter((region) => region !== "region=tokyo"),
    "link=tokyo:osaka",
  ]);
});

it("drills a region that only the base has, and nodes that only a snapshot has", () => {
  expect(resolve([ALL_REGIONS], [withoutSydney])).not.toContain("region=sydney");
  expect(resolve([ALL_REGIONS], [withoutSydney, rendering])).toContain("region=sydney");
  const stray = { apiVersion: "v1", kind: "Node", metadata: { name: "stray" } };
  expect(resolveDrills([{ node: "stray" }], [rendering], [{ nodes: [stray] }])).toEqual([{ node: "stray" }]);
});

it("reports everything that does not exist, with the nearest name", () => {
  const names = ["region=tokio", "region=sydney", "node=osaka-gw-0l", "link=tokyo:osakka", "link=tokyo:tokyo"];
  expect(() => resolve(names, [withoutSydney])).toThrow(
    new RegExp(
      [
        '^--drill region=tokio: unknown region "tokio": did you mean "tokyo"\\? \\(must be one of: .*tokyo.*\\)',
        '--drill region=sydney: region "sydney" has no nodes \\(must be one of: dallas, .*\\)',
        '--drill node=osaka-gw-0l: unknown node "osaka-gw-0l": did you mean "osaka-gw-01"\\?',
        '--drill link=tokyo:osakka: unknown region "osakka": did you mean "osaka"\\? \\(.*\\)',
        '--drill link=tokyo:tokyo: must be between two regions, got "tokyo" twice$',
      ].join("\n"),
    ),
  );
});

it.each(["all", "region=", "zone=a", "link=tokyo", "link=a:b:c"])("rejects %j", (text) => {
  expect(() => parseDrill(text)).toThrow(/must be /);
});
