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
import { type Complaints, complaints } from "../support/placement-complaints";

/** How pods cannot lie among each other, or among others: by spreads, replicas, and whom they are with. */
const cases: Complaints = {
  "a hard region and a spread over regions": [
    (chart, workload) => {
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new SpreadAcrossRegions(chart, "everywhere", { workload });
    },
    {},
    [
      "SpreadAcrossRegions (app/everywhere) and WithinRegion (app/in-tokyo): pods that are kept to tokyo cannot be " +
        "spread over 2 regions: leave one of the two out",
    ],
  ],
  "more regions than there are to fall back to": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
      new SpreadAcrossRegions(chart, "three", { workload, minDomains: 3 });
    },
    {},
    [
      "NearRegion (app/near) and SpreadAcrossRegions (app/three): pods that are kept to tokyo, osaka cannot be " +
        "spread over 3 regions: leave one of the two out",
    ],
  ],
  "a pool of one region and a spread over regions": [
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
  "more zones than the cluster has": [
    (chart, workload) => void new SpreadAcrossZones(chart, "nine", { workload, minDomains: 9 }),
    { cluster: "tokyo" },
    [
      expect.stringMatching(
        /^SpreadAcrossZones \(app\/nine\): pods must be spread over at least 9 zones, but can run in only 3 of cluster tokyo /,
      ),
    ],
  ],
  "with pods and apart from them": [
    (chart, workload) => {
      const pods = { labels: { app: "broker" } };
      new TogetherWith(chart, "with", { workload, pods });
      new AwayFrom(chart, "apart", { workload, pods, domain: "region" });
    },
    {},
    [
      "AwayFrom (app/apart) and TogetherWith (app/with): pods that are with others in one node are with them in one " +
        "region too: leave one of the two out, or keep them apart in a narrower domain",
    ],
  ],
  "together with what is kept elsewhere": [
    (chart, workload) => {
      const broker = rawWorkload(chart, "StatefulSet", "broker");
      new WithinRegion(chart, "broker-in-osaka", { workload: broker, region: "osaka" });
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new TogetherWith(chart, "with", { workload, pods: broker, domain: "region" });
    },
    {},
    [
      "TogetherWith (app/with): cannot be with app/broker in one region: WithinRegion (app/broker-in-osaka) and " +
        "WithinRegion (app/in-tokyo) keep them to different nodes",
    ],
  ],
  "more replicas than regions to keep them apart in": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
      new AwayFrom(chart, "apart", { workload, pods: workload, domain: "region" });
      new HighlyAvailable(chart, "available", { workload, replicas: 3 });
    },
    {},
    [
      "AwayFrom (app/apart) and NearRegion (app/near): pods that are kept to tokyo, osaka cannot be spread over 3 " +
        "regions: leave one of the two out",
    ],
  ],
  "more replicas than nodes to keep them apart on": [
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
  "two budgets": [
    (chart, workload) => {
      new HighlyAvailable(chart, "one", { workload, replicas: 3 });
      new HighlyAvailable(chart, "two", { workload, replicas: 3 });
    },
    {},
    [
      expect.stringMatching(
        /^HighlyAvailable \(app\/one\) and HighlyAvailable \(app\/two\): what keeps them available can be one only: /,
      ),
    ],
  ],
};

it.each(Object.entries(cases))("%s", (_, [place, given, expected]) => {
  expect(complaints(place, given)).toEqual(expected);
});
