import {
  comparePlacement,
  type Comparison,
  type Placement,
  tally,
} from "../../../bench/scheduling/fidelity/comparison";
import { generateScenario } from "../../../bench/scheduling/fidelity/generate-workloads";
import { describeComparisons } from "../../../bench/scheduling/fidelity/report";
import { fleetScenarios } from "../../../bench/scheduling/fidelity/scenario";
import { local } from "../../../stacks/local";

const NOW = "2026-01-01T00:00:00Z";
const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1);

describe("generated scenarios", () => {
  const scenarios = SEEDS.map((seed) => generateScenario(seed, NOW));

  test("follow from their seed", () => {
    for (const seed of [1, 30]) expect(generateScenario(seed, NOW)).toEqual(generateScenario(seed, NOW));
    expect(new Set(scenarios.map(({ workloads }) => JSON.stringify(workloads))).size).toBe(SEEDS.length);
  });

  test("have five to sixty nodes besides the server, in one to six regions", () => {
    const sizes = scenarios.map(({ rendering }) => rendering.nodes.length - 1);
    const regions = scenarios.map(({ cluster }) => new Set(cluster.nodePools.map(({ region }) => region)).size);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(60);
    expect([Math.min(...regions), Math.max(...regions)]).toEqual([1, 6]);
  });

  test("have every feature several times", () => {
    const counts = new Map<string, number>();
    for (const feature of scenarios.flatMap(({ workloads }) => workloads.flatMap(({ features }) => features)))
      counts.set(feature, (counts.get(feature) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(
      [
        ...["DaemonSet", "Deployment", "Job", "Pod", "StatefulSet", "default scheduler", "edge scheduler"],
        ...["host port", "near region", "node selector", "node-local volume", "pod affinity", "pod anti-affinity"],
        ...["preferred node affinity", "priority", "required node affinity", "required region", "resource profile"],
        ...["tolerations", "topology spread"],
      ].sort(),
    );
    expect(Math.min(...counts.values())).toBeGreaterThan(5);
  });
});

test("the local fleet has one scenario per cluster, with workloads", () => {
  const scenarios = fleetScenarios(local);
  expect(scenarios.map(({ name }) => name)).toEqual(["local frankfurt", "local washington", "local tokyo"]);
  for (const { workloads } of scenarios) expect(workloads.length).toBeGreaterThan(5);
});

describe("a comparison", () => {
  const regionOf = (node: string): string => node.charAt(0);
  const compare = (live: Placement, simulated: Placement): Comparison => ({
    scenario: "s",
    workload: "Deployment shop/web",
    features: ["priority"],
    ...comparePlacement(live, simulated, regionOf),
    overcommitted: live.node === "b1",
  });
  const same = compare({ node: "a1" }, { node: "a1" });
  const other = compare({ node: "a2" }, { node: "a1" });
  const tied = compare({ node: "a2" }, { node: "a1", ties: ["a2", "a3"] });
  const lucky = compare({ node: "a1" }, { node: "a1", ties: ["a2"] });
  const tiedRegions = compare({ node: "b1" }, { node: "a1", ties: ["b1"] });
  const outside = compare({ node: "b1" }, { node: "a1", ties: ["a2"] });
  const refused = compare({ reason: "full" }, { reason: "full" });
  const otherReason = compare({ reason: "full" }, { reason: "taints" });
  const onlyLive = compare({ node: "a1" }, { reason: "full" });
  const onlySimulated = compare({ reason: "full" }, { node: "a1", ties: ["a2"] });

  test("tells ties from disagreements", () => {
    expect([same, other, tied, lucky, tiedRegions, outside].map(({ outcome }) => outcome)).toEqual([
      ...["same", "other", "tied", "tied", "tied", "other"],
    ]);
    expect([refused, otherReason, onlyLive, onlySimulated].map(({ outcome }) => outcome)).toEqual([
      ...["refused", "refused", "verdict", "verdict"],
    ]);
  });

  test("counts ties in the regions and not in the nodes", () => {
    expect(
      tally([same, other, tied, lucky, tiedRegions, outside, refused, otherReason, onlyLive, onlySimulated]),
    ).toEqual({
      ...{ pods: 10, untied: 3, sameNode: 1, tied: 3, placed: 6, sameRegion: 4, tiedRegions: 1 },
      ...{ unschedulable: 4, sameVerdict: 2, sameMessage: 1 },
    });
  });

  test("of nothing fails", () => {
    expect(() => tally([])).toThrow("no pods were compared");
    expect(() => describeComparisons([])).toThrow("no pods were compared");
  });

  test("lists every disagreement with both sides", () => {
    const text = describeComparisons([same, tied, tiedRegions, outside, onlyLive]);
    expect(text).toContain("Disagreements (2)");
    expect(text).toContain("- s, Deployment shop/web, other (overcommitted): live b1; simulated a1; equal: a2");
    expect(text).toContain("- s, Deployment shop/web, verdict: live a1; simulated no node (full)");
    expect(text).toContain("Of the pods that do not tie over several regions, 66.67 % of 3 are in the same region.");
    expect(text).toContain("An overcommitted node");
    const preempting = { ...other, features: ["preemption"] };
    expect(describeComparisons([same, preempting])).toMatch(/anything, without preemption *\| 1 *\| 100 % of 1 /);
    expect(describeComparisons([same])).not.toContain("An overcommitted node");
    expect(describeComparisons([same])).toContain("There are no disagreements.");
  });
});
