import { ApiObject, Chart, Duration, Size, Testing } from "cdk8s";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/parse";
import { local } from "../../../stacks/local";
import { type Kind, plusWorkload, rawWorkload } from "../support/placed-workloads";

const fleet = parseFleet(local);
const {
  Autonomous,
  Available,
  AwayFrom,
  Dedicated,
  NearRegion,
  OnDevice,
  OnEveryNode,
  OnNodePool,
  SpreadAcrossNodes,
  SpreadAcrossRegions,
  SpreadAcrossZones,
  TogetherWith,
  WithDisk,
  WithinRegion,
  WithProfile,
} = placement;

interface Given {
  readonly kind?: Kind;
  /** Cluster that the chart goes to. */
  readonly cluster?: string;
  /** What the author says in the pod's spec, and in the object's. */
  readonly pod?: object;
  readonly spec?: object;
  readonly labels?: Record<string, string>;
}

/** A chart with one workload `app/main`, and what its synthesis complains about. */
function complaints(place: (chart: Chart, workload: ApiObject) => void, given: Given = {}): string[] {
  const { kind = "Deployment", cluster, pod = {}, spec = {}, labels = {} } = given;
  const chart = new Chart(Testing.app(), "app", { disableResourceNameHashes: true });
  if (cluster !== undefined) placement.placeIn(chart, fleet, cluster);
  const made = rawWorkload(chart, kind, "made").toJson() as {
    spec: { template: { metadata: { labels: object }; spec: object } };
  };
  const { template } = made.spec;
  const workload = new ApiObject(chart, "main", {
    ...(made as object as { apiVersion: string; kind: string }),
    spec: {
      ...made.spec,
      template: {
        metadata: { labels: { ...template?.metadata.labels, ...labels } },
        spec: { ...template?.spec, ...pod },
      },
      ...spec,
    },
  });
  place(chart, workload);
  try {
    chart.toJson();
    return [];
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.replace("  [app/main] ", ""));
  }
}

const cases: Record<string, [place: (chart: Chart, workload: ApiObject) => void, given: Given, expected: string[]]> = {
  "two hard regions": [
    (chart, workload) => {
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    {},
    [
      "WithinRegion (app/in-osaka) and WithinRegion (app/in-tokyo): no node is both: " +
        "got edge-region osaka by WithinRegion (app/in-osaka) and edge-region tokyo by WithinRegion (app/in-tokyo)",
    ],
  ],
  "two devices": [
    (chart, workload) => {
      new OnDevice(chart, "pi", { workload, device: "raspberry-pi-4" });
      new OnDevice(chart, "jetson", { workload, device: "jetson-orin-nano" });
    },
    {},
    [
      "OnDevice (app/jetson) and OnDevice (app/pi): no node is both: " +
        "got device-type jetson-orin-nano by OnDevice (app/jetson) and device-type raspberry-pi-4 by OnDevice (app/pi)",
    ],
  ],
  "a device that the region does not have": [
    (chart, workload) => {
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
      new OnDevice(chart, "cloud", { workload, device: "m6i.xlarge" });
    },
    { cluster: "tokyo" },
    [
      "OnDevice (app/cloud) and WithinRegion (app/in-osaka): no node pool of cluster tokyo has all of it: " +
        "device-type m6i.xlarge is tokyo-cloud; edge-region osaka is osaka-gw, osaka-jetson, osaka-pi4, osaka-pi5",
    ],
  ],
  "a device that the cluster does not have": [
    (chart, workload) => void new OnDevice(chart, "pi", { workload, device: "raspberry-pi-6" }),
    { cluster: "tokyo" },
    [
      'OnDevice (app/pi): no node pool of cluster tokyo has device-type raspberry-pi-6: got "raspberry-pi-6", known: ' +
        'iot-gateway-x86, jetson-orin-nano, m6i.xlarge, raspberry-pi-4, raspberry-pi-5: did you mean "raspberry-pi-4"?',
    ],
  ],
  "three that no pool has together, though it has each two": [
    (chart, workload) => {
      new OnNodePool(chart, "pools", { workload, pool: ["tokyo-pi5", "osaka-jetson", "osaka-gw"] });
      new WithDisk(chart, "ssd", { workload });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
      new OnDevice(chart, "pi", { workload, device: "raspberry-pi-5" });
    },
    { cluster: "tokyo" },
    [
      // The pool of that device is in tokyo, those in osaka are of other devices.
      expect.stringMatching(
        /^OnDevice \(app\/pi\) and OnNodePool \(app\/pools\) and WithDisk \(app\/ssd\) and WithinRegion \(app\/in-osaka\): no node pool of cluster tokyo has all of it: device-type raspberry-pi-5 is /,
      ),
    ],
  ],
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
      "OnNodePool (app/pool) and SpreadAcrossRegions (app/everywhere): pods can run in 1 region of cluster tokyo " +
        "(pools tokyo-gw), and are to be spread over 2: leave one out, or ask for fewer",
    ],
  ],
  "more zones than the cluster has": [
    (chart, workload) => void new SpreadAcrossZones(chart, "nine", { workload, minDomains: 9 }),
    { cluster: "tokyo" },
    [expect.stringMatching(/^SpreadAcrossZones \(app\/nine\): pods can run in 3 zones of cluster tokyo .* over 9: /)],
  ],
  "a hard region and a fallback from it": [
    (chart, workload) => {
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
    },
    {},
    [
      "NearRegion (app/near) and WithinRegion (app/in-tokyo): the regions that it falls back to can be one only: " +
        'got "osaka" by NearRegion (app/near) and "none" by WithinRegion (app/in-tokyo)',
    ],
  ],
  "near one region and in another": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    {},
    [
      "NearRegion (app/near) and WithinRegion (app/in-osaka): the region that it serves can be one only: " +
        'got "tokyo" by NearRegion (app/near) and "osaka" by WithinRegion (app/in-osaka)',
    ],
  ],
  "a budget that no region in reach satisfies": [
    (chart, workload) => void new NearRegion(chart, "near", { workload, region: "tokyo" }),
    { cluster: "frankfurt" },
    [
      expect.stringMatching(
        /^NearRegion \(app\/near\): maxRtt: cluster frankfurt has no node within 50 ms of tokyo: the nearest is \w+, [\d.]+ ms$/,
      ),
    ],
  ],
  "a fallback beyond the budget": [
    (chart, workload) =>
      void new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka", "sydney"] }),
    { cluster: "tokyo" },
    [
      expect.stringMatching(
        /^NearRegion \(app\/near\): fallback: sydney is [\d.]+ ms from tokyo, more than maxRtt \(50 ms\), so it would never be used: /,
      ),
    ],
  ],
  "an unknown region, told before all else": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokio" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    { cluster: "tokyo" },
    [expect.stringMatching(/^NearRegion \(app\/near\): region: got "tokio", known: .*: did you mean "tokyo"\?$/)],
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
  "replicas on a DaemonSet": [
    (chart, workload) => void new Available(chart, "available", { workload, replicas: 3 }),
    { kind: "DaemonSet" },
    ["Available (app/available): replicas: got 3, but DaemonSet (app/main) itself has none: leave them out"],
  ],
  "every node, for what is not on each": [
    (chart, workload) => void new OnEveryNode(chart, "nodes", { workload }),
    { kind: "Job" },
    ['OnEveryNode (app/nodes): workload: got "Job", allowed a DaemonSet: only that runs on every node'],
  ],
  "another number of replicas than the author's": [
    (chart, workload) => void new Available(chart, "available", { workload, replicas: 3 }),
    { spec: { replicas: 2 } },
    [
      "Available (app/available) and Deployment (app/main) itself: the number of replicas can be one only: " +
        'got "3" by Available (app/available) and "2" by Deployment (app/main) itself',
    ],
  ],
  "one replica that is to be available": [
    (chart, workload) => void new Available(chart, "available", { workload }),
    { spec: { replicas: 1 } },
    [
      "Available (app/available): replicas: got 1 by Deployment (app/main) itself, allowed whole numbers from 2, " +
        'or "autoscaled"',
    ],
  ],
  "more replicas than regions to keep them apart in": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
      new AwayFrom(chart, "apart", { workload, pods: workload, domain: "region" });
      new Available(chart, "available", { workload, replicas: 3 });
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
      new Available(chart, "available", { workload, replicas: 3 });
    },
    { cluster: "tokyo" },
    [
      "AwayFrom (app/apart) and OnNodePool (app/pool): pods can run in 2 nodes of cluster tokyo (pools osaka-jetson), " +
        "and are to be spread over 3: leave one out, or ask for fewer",
    ],
  ],
  "a node that the author names": [
    (chart, workload) => void new WithDisk(chart, "disk", { workload }),
    { pod: { nodeName: "tokyo-gw-01" } },
    ["Deployment (app/main) itself and WithDisk (app/disk): the pods name their node, tokyo-gw-01: leave nodeName out"],
  ],
  "what no label can hold": [
    (chart, workload) => {
      new WithinRegion(chart, "in", { workload, region: "Tokyo Bay" });
      new TogetherWith(chart, "with", { workload, pods: { labels: { "a b": "c" } } });
    },
    {},
    [
      'TogetherWith (app/with): key: got "a b", allowed is a name of at most 63 letters, digits, -, _ and ., after an ' +
        "optional DNS prefix and a /",
      'WithinRegion (app/in): got "Tokyo Bay", allowed are at most 63 letters, digits, -, _ and ., beginning and ' +
        "ending with a letter or digit",
    ],
  ],
  "two budgets": [
    (chart, workload) => {
      new Available(chart, "one", { workload, replicas: 3 });
      new Available(chart, "two", { workload, replicas: 3 });
    },
    {},
    [
      expect.stringMatching(
        /^Available \(app\/one\) and Available \(app\/two\): what keeps them available can be one only: /,
      ),
    ],
  ],
  "taints that nobody said to tolerate": [
    (chart, workload) => {
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
      new OnDevice(chart, "gateway", { workload, device: "iot-gateway-x86" });
    },
    { cluster: "tokyo" },
    [
      "OnDevice (app/gateway) and WithinRegion (app/in-osaka): every node that is left in cluster tokyo has a taint that " +
        "the pods do not tolerate: osaka-gw has dedicated=iot:NoSchedule: add Dedicated or OnNodePool, or tolerate it",
    ],
  ],
  "nodes kept for nobody": [
    (chart, workload) => void new Dedicated(chart, "kept", { workload, to: "iott" }),
    { cluster: "tokyo" },
    [
      'Dedicated (app/kept): to: no node pool of cluster tokyo is dedicated to that: got "iott", known: iot: did you mean "iot"?',
    ],
  ],
  "the author's scheduler": [
    (chart, workload) => void new WithProfile(chart, "io", { workload, profile: "io-heavy" }),
    { pod: { schedulerName: "volcano" } },
    [
      "Deployment (app/main) itself and WithProfile (app/io): the scheduler can be one only: " +
        'got "volcano" by Deployment (app/main) itself and "edge-scheduler" by WithProfile (app/io)',
    ],
  ],
  "the author's node selector": [
    (chart, workload) => void new OnDevice(chart, "pi", { workload, device: "raspberry-pi-4" }),
    { pod: { nodeSelector: { "device-type": "jetson-orin-nano" } } },
    [
      "Deployment (app/main) itself and OnDevice (app/pi): no node is both: " +
        "got device-type jetson-orin-nano by Deployment (app/main) itself and device-type raspberry-pi-4 by OnDevice (app/pi)",
    ],
  ],
  "the author's node affinity": [
    (chart, workload) => void new WithinRegion(chart, "in-osaka", { workload, region: "osaka" }),
    {
      pod: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: "topology.kubernetes.io/region", operator: "In", values: ["tokyo"] }] },
                { matchExpressions: [{ key: "edge-region", operator: "DoesNotExist" }] },
              ],
            },
          },
        },
      },
    },
    [
      "Deployment (app/main) itself and WithinRegion (app/in-osaka): the object's required node affinity rules out " +
        "edge-region osaka",
    ],
  ],
  "the author's label": [
    (chart, workload) => void new WithinRegion(chart, "in-osaka", { workload, region: "osaka" }),
    { labels: { "required-region": "tokyo" } },
    [
      "Deployment (app/main) itself and WithinRegion (app/in-osaka): the region that it serves can be one only: " +
        'got "tokyo" by Deployment (app/main) itself and "osaka" by WithinRegion (app/in-osaka)',
    ],
  ],
  "the author's spread": [
    (chart, workload) => void new SpreadAcrossNodes(chart, "nodes", { workload }),
    {
      pod: {
        topologySpreadConstraints: [
          { maxSkew: 5, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector: {} },
        ],
      },
    },
    [
      "Deployment (app/main) itself and SpreadAcrossNodes (app/nodes): the object spreads its pods over " +
        "kubernetes.io/hostname already, with maxSkew 5: leave one of the two out",
    ],
  ],
  "a toleration that ends": [
    (chart, workload) => void new Autonomous(chart, "stays", { workload }),
    {
      pod: {
        tolerations: [
          { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
        ],
      },
    },
    [
      "Autonomous (app/stays): Deployment (app/main) itself tolerates node.kubernetes.io/unreachable for 30 s only: " +
        "leave that toleration out",
    ],
  ],
  "a place that is taken": [
    (chart, workload) =>
      void new Autonomous(chart, "stays", { workload, data: { path: "/tmp", name: "tmp", size: Size.gibibytes(1) } }),
    {},
    [
      "Autonomous (app/stays) and Deployment (app/main) itself: the object has a volume tmp already: name the new one otherwise",
      "Autonomous (app/stays) and Deployment (app/main) itself: the object mounts something at /tmp already: choose another path",
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
  const app = Testing.app();
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
