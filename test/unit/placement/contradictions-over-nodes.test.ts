import { Dedicated, NearRegion, OnDevice, OnNodePool, WithDisk, WithinRegion } from "../../../exports/placement";
import { type ProblemCases, findProblems } from "../support/placement-problems";

/** Contradictions that leave no node to run on: regions, devices, node pools and taints. */
const cases: ProblemCases = {
  "two required regions": [
    (chart, workload) => {
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    {},
    [
      "WithinRegion (app/in-osaka) and WithinRegion (app/in-tokyo): no node has both " +
        "edge-region osaka from WithinRegion (app/in-osaka) and edge-region tokyo from WithinRegion (app/in-tokyo)",
    ],
  ],
  "two device types": [
    (chart, workload) => {
      new OnDevice(chart, "pi", { workload, device: "raspberry-pi-4" });
      new OnDevice(chart, "jetson", { workload, device: "jetson-orin-nano" });
    },
    {},
    [
      "OnDevice (app/jetson) and OnDevice (app/pi): no node has both " +
        "device-type jetson-orin-nano from OnDevice (app/jetson) and device-type raspberry-pi-4 from OnDevice (app/pi)",
    ],
  ],
  "a device that the region does not have": [
    (chart, workload) => {
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
      new OnDevice(chart, "cloud", { workload, device: "m6i.xlarge" });
    },
    { cluster: "tokyo" },
    [
      "OnDevice (app/cloud) and WithinRegion (app/in-osaka): no node pool of cluster tokyo matches all of them: " +
        "device-type m6i.xlarge matches tokyo-cloud; edge-region osaka matches osaka-gw, osaka-jetson, osaka-pi4, osaka-pi5",
    ],
  ],
  "a device that the cluster does not have": [
    (chart, workload) => void new OnDevice(chart, "pi", { workload, device: "raspberry-pi-6" }),
    { cluster: "tokyo" },
    [
      "OnDevice (app/pi): no node pool of cluster tokyo has device-type raspberry-pi-6: unknown device-type " +
        '"raspberry-pi-6": did you mean "raspberry-pi-4"? (must be one of: iot-gateway-x86, jetson-orin-nano, ' +
        "m6i.xlarge, raspberry-pi-4, raspberry-pi-5)",
    ],
  ],
  "three constraints that no pool meets together": [
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
        /^OnDevice \(app\/pi\) and OnNodePool \(app\/pools\) and WithDisk \(app\/ssd\) and WithinRegion \(app\/in-osaka\): no node pool of cluster tokyo matches all of them: device-type raspberry-pi-5 matches /,
      ),
    ],
  ],
  "a required region and a fallback from it": [
    (chart, workload) => {
      new WithinRegion(chart, "in-tokyo", { workload, region: "tokyo" });
      new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka"] });
    },
    {},
    [
      "NearRegion (app/near) and WithinRegion (app/in-tokyo): fallback regions must have one value, " +
        'got "osaka" from NearRegion (app/near) and "none" from WithinRegion (app/in-tokyo)',
    ],
  ],
  "NearRegion and WithinRegion for different regions": [
    (chart, workload) => {
      new NearRegion(chart, "near", { workload, region: "tokyo" });
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
    },
    {},
    [
      "NearRegion (app/near) and WithinRegion (app/in-osaka): served region must have one value, " +
        'got "tokyo" from NearRegion (app/near) and "osaka" from WithinRegion (app/in-osaka)',
    ],
  ],
  "a round-trip budget that no node meets": [
    (chart, workload) => void new NearRegion(chart, "near", { workload, region: "tokyo" }),
    { cluster: "frankfurt" },
    [
      expect.stringMatching(
        /^NearRegion \(app\/near\): maxRtt: cluster frankfurt has no node within 50 ms of tokyo: the nearest region is \w+, [\d.]+ ms$/,
      ),
    ],
  ],
  "a fallback beyond the round-trip budget": [
    (chart, workload) =>
      void new NearRegion(chart, "near", { workload, region: "tokyo", fallback: ["osaka", "sydney"] }),
    { cluster: "tokyo" },
    [
      expect.stringMatching(
        /^NearRegion \(app\/near\): fallback: sydney must be within maxRtt \(50 ms\) of tokyo, got [\d.]+ ms: /,
      ),
    ],
  ],
  "taints that no placement tolerates": [
    (chart, workload) => {
      new WithinRegion(chart, "in-osaka", { workload, region: "osaka" });
      new OnDevice(chart, "gateway", { workload, device: "iot-gateway-x86" });
    },
    { cluster: "tokyo" },
    [
      "OnDevice (app/gateway) and WithinRegion (app/in-osaka): every matching node in cluster tokyo has a taint that " +
        "the pods do not tolerate: osaka-gw has dedicated=iot:NoSchedule: add Dedicated, OnNodePool or a toleration",
    ],
  ],
  "a purpose that no node pool is dedicated to": [
    (chart, workload) => void new Dedicated(chart, "kept", { workload, to: "iott" }),
    { cluster: "tokyo" },
    [
      'Dedicated (app/kept): to: no node pool of cluster tokyo has taint dedicated=iott: unknown purpose "iott": did you mean "iot"? (must be iot)',
    ],
  ],
};

it.each(Object.entries(cases))("reports %s", (_, [place, given, expected]) => {
  expect(findProblems(place, given)).toEqual(expected);
});
