import { describeUnknown } from "../../fleet/problem";
import { labels } from "../../fleet/labels";
import { formatDrill } from "./drills";
import type { Rendering } from "../rendering";
import type { ClusterState, Drill } from "../simulator/protocol";

/** One drill for each region that has nodes. */
export const ALL_REGIONS = "all-regions";

/** A drill as it is requested. */
export type DrillRequest = Drill | typeof ALL_REGIONS;

/** What the drills of a comparison can lose. */
interface Targets {
  readonly nodes: readonly string[];
  /** Regions with nodes, sorted. */
  readonly populated: readonly string[];
  /** Regions of the fleet. */
  readonly regions: readonly string[];
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

function findTargets(renderings: readonly Rendering[], observed: readonly Pick<ClusterState, "nodes">[]): Targets {
  const clusters = [...renderings.flatMap(({ clusters: all }) => all), ...observed];
  const nodes = clusters.flatMap((cluster) => cluster.nodes);
  const regionOf = ({ metadata }: ClusterState["nodes"][number]): string =>
    metadata.labels?.[labels.topologyRegion] ?? metadata.labels?.[labels.edgeRegion] ?? "";
  return {
    nodes: sorted(nodes.map(({ metadata }) => metadata.name ?? "")),
    populated: sorted(nodes.map(regionOf).filter((region) => region !== "")),
    regions: sorted(renderings.flatMap(({ regions }) => regions.map(({ name }) => name))),
  };
}

function checkRegion(region: string, { populated, regions }: Targets): string[] {
  if (populated.includes(region)) return [];
  if (!regions.includes(region)) return [describeUnknown("region", region, populated)];
  return [`region ${JSON.stringify(region)} has no nodes (must be one of: ${populated.join(", ")})`];
}

function checkTarget({ region, node, link }: Drill, targets: Targets): string[] {
  if (region !== undefined) return checkRegion(region, targets);
  if (node !== undefined) return targets.nodes.includes(node) ? [] : [describeUnknownNode(node, targets)];
  const { from, to } = link!;
  const unknown = [from, to].filter((each) => !targets.regions.includes(each));
  if (unknown.length > 0) return unknown.map((each) => describeUnknown("region", each, targets.regions));
  return from === to ? [`must be between two regions, got ${JSON.stringify(from)} twice`] : [];
}

/** A fleet has too many nodes to list. */
const describeUnknownNode = (node: string, { nodes }: Targets): string =>
  describeUnknown("node", node, nodes).replace(/ \(must be .*\)$/s, "");

/** Both directions of a link are one drill. */
const identify = (drill: Drill): string =>
  drill.link ? `link=${[drill.link.from, drill.link.to].sort().join(":")}` : formatDrill(drill);

/**
 * Returns the drills of a comparison: each once, in the order of the request, with `all-regions` as one drill for each region
 * that has nodes in any of the renderings, by name.
 *
 * @param observed clusters of a snapshot
 * @throws Error with every region, node and link that does not exist
 */
export function resolveDrills(
  requested: readonly DrillRequest[],
  renderings: readonly Rendering[],
  observed: readonly Pick<ClusterState, "nodes">[] = [],
): Drill[] {
  const targets = findTargets(renderings, observed);
  const problems = requested.flatMap((drill) =>
    drill === ALL_REGIONS
      ? []
      : checkTarget(drill, targets).map((problem) => `--drill ${formatDrill(drill)}: ${problem}`),
  );
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const all = requested.flatMap((drill) =>
    drill === ALL_REGIONS ? targets.populated.map((region): Drill => ({ region })) : [drill],
  );
  const unique = new Map<string, Drill>();
  for (const drill of all) if (!unique.has(identify(drill))) unique.set(identify(drill), drill);
  return [...unique.values()];
}
