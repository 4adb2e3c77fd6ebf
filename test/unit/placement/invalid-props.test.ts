import { ApiObject, App, Chart, Duration, Testing } from "cdk8s";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/reading/parse";
import { local } from "../../../stacks/local";
import { plusWorkload } from "../support/placed-workloads";
import { type ProblemCases, findProblems } from "../support/placement-problems";
import { KEY_RULE, LABEL_VALUE_RULE } from "../../../fleet/reading/forms";

const fleet = parseFleet(local);
const {
  AwayFrom,
  NearRegion,
  OnDevice,
  OnNodePool,
  SpreadAcrossNodes,
  TogetherWith,
  WithDisk,
  WithinRegion,
  WithProfile,
} = placement;

/** Invalid props. They are reported all at once, and before contradictions. */
const cases: ProblemCases = {
  "an unknown region, before any contradiction": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokio" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    { cluster: "tokyo" },
    [expect.stringMatching(/^NearRegion \(app\/near\): unknown region "tokio": did you mean "tokyo"\?/)],
  ],
  "values that are not valid labels": [
    (chart, workload) => {
      new WithinRegion(chart, "in", { workload, region: "Tokyo Bay" });
      new TogetherWith(chart, "with", { workload, pods: { labels: { "a b": "c" } } });
    },
    {},
    [
      `TogetherWith (app/with): key ${KEY_RULE}, got "a b"`,
      `WithinRegion (app/in): value ${LABEL_VALUE_RULE}, got "Tokyo Bay"`,
    ],
  ],
  "every invalid number": [
    (chart, workload) => {
      new SpreadAcrossNodes(chart, "nodes", {
        workload,
        maxSkew: 0,
        minDomains: 1.5,
        whenUnsatisfiable: "ScheduleAnyway",
      });
      new WithProfile(chart, "profile", { workload, profile: { cpu: -1 }, iops: 0 });
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["tokyo"], maxRtt: Duration.millis(0) });
      new OnNodePool(chart, "pools", { workload, pool: [] });
    },
    {},
    [
      "NearRegion (app/near): fallback: must not repeat a region, got tokyo, tokyo",
      "NearRegion (app/near): maxRtt: must be greater than 0 and at most 1000000 ms, got 0 ms",
      "OnNodePool (app/pools): pool: must not be empty",
      "SpreadAcrossNodes (app/nodes): maxSkew: must be an integer of at least 1, got 0",
      "SpreadAcrossNodes (app/nodes): minDomains: must be an integer of at least 1, got 1.5",
      "SpreadAcrossNodes (app/nodes): whenUnsatisfiable: must be DoNotSchedule with minDomains, got ScheduleAnyway",
      "WithProfile (app/profile): iops: must be greater than 0, got 0",
      "WithProfile (app/profile): profile: weights must not be negative and must not all be 0, got cpu=-1",
    ],
  ],
};

it.each(Object.entries(cases))("reports %s", (_, [place, given, expected]) => {
  expect(findProblems(place, given)).toEqual(expected);
});

describe("does not report", () => {
  it("pods together in a region but apart on its nodes", () => {
    const place = (chart: Chart, workload: ApiObject) => {
      const pods = { labels: { app: "broker" } };
      new TogetherWith(chart, "with", { workload, pods, domain: "region" });
      new AwayFrom(chart, "apart", { workload, pods });
    };
    expect(findProblems(place)).toEqual([]);
  });

  it("placements that agree", () => {
    const place = (chart: Chart, workload: ApiObject) => {
      new WithinRegion(chart, "a", { workload, region: "tokyo" });
      new WithinRegion(chart, "b", { workload, region: "tokyo" });
      new NearRegion(chart, "c", { workload, region: "tokyo" });
    };
    expect(findProblems(place, { cluster: "tokyo" })).toEqual([]);
  });

  it("a node label that node pools do not define", () => {
    const pod = { nodeSelector: { "kubernetes.io/arch": "arm64" } };
    expect(
      findProblems((chart, workload) => void new OnDevice(chart, "pi", { workload, device: "raspberry-pi-4" }), {
        cluster: "tokyo",
        pod,
      }),
    ).toEqual([]);
  });
});

it("reports contradictions however the object is rendered", () => {
  const app = new App();
  const chart = new Chart(app, "app");
  const workload = plusWorkload(chart, "Deployment");
  new WithinRegion(chart, "a", { workload, region: "tokyo" });
  new WithinRegion(chart, "b", { workload, region: "osaka" });
  const both = /WithinRegion \(app\/a\) and WithinRegion \(app\/b\)/;
  expect(() => void Testing.synth(chart)).toThrow(both);
  expect(() => void chart.toJson()).toThrow(both);
  expect(() => app.synthYaml()).toThrow(both);
  expect(() => void ApiObject.of(workload).toJson()).toThrow(both);
});

it("rejects constructs and objects without a pod template", () => {
  const chart = Testing.chart();
  expect(() => new WithinRegion(chart, "a", { workload: new Chart(chart, "nested"), region: "tokyo" })).toThrow(
    "test/nested: got Chart, allowed a workload or an ApiObject",
  );
  expect(() => placement.placeIn(chart, fleet, "tokio")).toThrow(
    'unknown cluster "tokio": did you mean "tokyo"? (must be one of: frankfurt, tokyo, washington)',
  );
  const config = new ApiObject(chart, "config", { apiVersion: "v1", kind: "ConfigMap" });
  new WithDisk(chart, "disk", { workload: config });
  expect(() => void chart.toJson()).toThrow("WithDisk (test/disk): ConfigMap test/config must have a pod template");
});
