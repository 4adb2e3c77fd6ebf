import {
  HighlyAvailable,
  AwayFrom,
  NearRegion,
  OnNodePool,
  SpreadAcrossRegions,
  SpreadAcrossZones,
  TogetherWith,
  WithinRegion,
} from "../../../exports/placement";
import { rawWorkload } from "../support/placed-workloads";
import { type ProblemCases, findProblems } from "../support/placement-problems";

/** Contradictions of spreads, replicas and pod affinity. */
const cases: ProblemCases = {
  "a required region and a spread over regions": [
    (chart, workload) => {
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new SpreadAcrossRegions(chart, "everywhere", { workload });
    },
    {},
    [
      "SpreadAcrossRegions (app/everywhere) and WithinRegion (app/in-tokyo): pods restricted to tokyo cannot be " +
        "spread over 2 regions: remove one placement",
    ],
  ],
  "a spread over more regions than the fallback has": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
      new SpreadAcrossRegions(chart, "three", { workload, minDomains: 3 });
    },
    {},
    [
      "NearRegion (app/near) and SpreadAcrossRegions (app/three): pods restricted to tokyo, osaka cannot be " +
        "spread over 3 regions: remove one placement",
    ],
  ],
  "a node pool in one region and a spread over regions": [
    (chart, workload) => {
      new OnNodePool(chart, "pool", { workload, pool: "tokyo-gw" });
      new SpreadAcrossRegions(chart, "everywhere", { workload });
    },
    { cluster: "tokyo" },
    [
      "OnNodePool (app/pool) and SpreadAcrossRegions (app/everywhere): pods must be spread over at least 2 regions, but " +
        "can run in only 1 of cluster tokyo (pools tokyo-gw): remove one of the constraints, or require fewer regions",
    ],
  ],
  "a spread over more zones than the cluster has": [
    (chart, workload) => void new SpreadAcrossZones(chart, "nine", { workload, minDomains: 9 }),
    { cluster: "tokyo" },
    [
      expect.stringMatching(
        /^SpreadAcrossZones \(app\/nine\): pods must be spread over at least 9 zones, but can run in only 3 of cluster tokyo /,
      ),
    ],
  ],
  "TogetherWith and AwayFrom for the same pods": [
    (chart, workload) => {
      const pods = { labels: { app: "broker" } };
      new TogetherWith(chart, "with", { workload, pods });
      new AwayFrom(chart, "apart", { workload, pods, domain: "region" });
    },
    {},
    [
      "AwayFrom (app/apart) and TogetherWith (app/with): pods cannot share a node with other pods and be in a " +
        "different region: remove one placement, or keep the pods apart in a narrower domain",
    ],
  ],
  "TogetherWith a workload in a different region": [
    (chart, workload) => {
      const broker = rawWorkload(chart, "StatefulSet", "broker");
      new WithinRegion(chart, "broker-in-osaka", { workload: broker, region: "osaka" });
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new TogetherWith(chart, "with", { workload, pods: broker, domain: "region" });
    },
    {},
    [
      "TogetherWith (app/with): cannot share a region with app/broker: WithinRegion (app/broker-in-osaka) and " +
        "WithinRegion (app/in-tokyo) require different nodes",
    ],
  ],
  "more replicas than regions to keep apart": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
      new AwayFrom(chart, "apart", { workload, pods: workload, domain: "region" });
      new HighlyAvailable(chart, "available", { workload, replicas: 3 });
    },
    {},
    [
      "AwayFrom (app/apart) and NearRegion (app/near): pods restricted to tokyo, osaka cannot be spread over 3 " +
        "regions: remove one placement",
    ],
  ],
  "more replicas than nodes to keep apart": [
    (chart, workload) => {
      new OnNodePool(chart, "pool", { workload, pool: "osaka-jetson" });
      new AwayFrom(chart, "apart", { workload, pods: workload });
      new HighlyAvailable(chart, "available", { workload, replicas: 3 });
    },
    { cluster: "tokyo" },
    [
      "AwayFrom (app/apart) and OnNodePool (app/pool): pods must be spread over at least 3 nodes, but can run in " +
        "only 2 of cluster tokyo (pools osaka-jetson): remove one of the constraints, or require fewer nodes",
    ],
  ],
  "two PodDisruptionBudgets": [
    (chart, workload) => {
      new HighlyAvailable(chart, "one", { workload, replicas: 3 });
      new HighlyAvailable(chart, "two", { workload, replicas: 3 });
    },
    {},
    [
      expect.stringMatching(
        /^HighlyAvailable \(app\/one\) and HighlyAvailable \(app\/two\): PodDisruptionBudget must have one value, /,
      ),
    ],
  ],
};

it.each(Object.entries(cases))("reports %s", (_, [place, given, expected]) => {
  expect(findProblems(place, given)).toEqual(expected);
});
