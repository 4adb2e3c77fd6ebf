import { ApiObject, App, Chart, Duration, Testing } from "cdk8s";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/reading/parse";
import { local } from "../../../stacks/local";
import { plusWorkload } from "../support/placed-workloads";
import { type Complaints, complaints } from "../support/placement-complaints";
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

/** Values that are wrong by themselves: told before what they contradict, and all at once. */
const cases: Complaints = {
  "an unknown region, told before all else": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokio" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    { cluster: "tokyo" },
    [expect.stringMatching(/^NearRegion \(app\/near\): region: unknown region "tokio": did you mean "tokyo"\?/)],
  ],
  "what no label can hold": [
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
  "numbers that mean nothing, all at once": [
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
      "NearRegion (app/near): fallback: got tokyo, tokyo, allowed regions that differ from each other",
      "NearRegion (app/near): maxRtt: got 0 ms, allowed above 0 and at most 1000000 ms",
      "OnNodePool (app/pools): pool: got an empty list, allowed one name or more",
      "SpreadAcrossNodes (app/nodes): maxSkew: got 0, allowed whole numbers from 1",
      "SpreadAcrossNodes (app/nodes): minDomains: got 1.5 beside whenUnsatisfiable ScheduleAnyway, allowed beside DoNotSchedule",
      "SpreadAcrossNodes (app/nodes): minDomains: got 1.5, allowed whole numbers from 1",
      "WithProfile (app/profile): iops: got 0, allowed numbers above 0",
      "WithProfile (app/profile): profile: got cpu=-1, allowed weights that are not negative, and not all 0",
    ],
  ],
};

it.each(Object.entries(cases))("%s", (_, [place, given, expected]) => {
  expect(complaints(place, given)).toEqual(expected);
});

describe("what is no contradiction", () => {
  it("together in a region, apart on its nodes", () => {
    const place = (chart: Chart, workload: ApiObject) => {
      const pods = { labels: { app: "broker" } };
      new TogetherWith(chart, "with", { workload, pods, domain: "region" });
      new AwayFrom(chart, "apart", { workload, pods });
    };
    expect(complaints(place)).toEqual([]);
  });

  it("two who say the same", () => {
    const place = (chart: Chart, workload: ApiObject) => {
      new WithinRegion(chart, "a", { workload, region: "tokyo" });
      new WithinRegion(chart, "b", { workload, region: "tokyo" });
      new NearRegion(chart, "c", { workload, region: "tokyo" });
    };
    expect(complaints(place, { cluster: "tokyo" })).toEqual([]);
  });

  it("a demand for what no pool knows of its nodes", () => {
    const pod = { nodeSelector: { "kubernetes.io/arch": "arm64" } };
    expect(
      complaints((chart, workload) => void new OnDevice(chart, "pi", { workload, device: "raspberry-pi-4" }), {
        cluster: "tokyo",
        pod,
      }),
    ).toEqual([]);
  });
});

it("names every way in which an object is rendered", () => {
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

it("says at once what cannot be placed", () => {
  const chart = Testing.chart();
  expect(() => new WithinRegion(chart, "a", { workload: new Chart(chart, "nested"), region: "tokyo" })).toThrow(
    "test/nested: got Chart, allowed a workload or an ApiObject",
  );
  expect(() => placement.placeIn(chart, fleet, "tokio")).toThrow(
    'cluster: got "tokio", known in fleet local: frankfurt, washington, tokyo',
  );
  const config = new ApiObject(chart, "config", { apiVersion: "v1", kind: "ConfigMap" });
  new WithDisk(chart, "disk", { workload: config });
  expect(() => void chart.toJson()).toThrow("WithDisk (test/disk): ConfigMap test/config has no pod template");
});
