import { Dedicated, NearRegion, OnDevice, OnNodePool, WithDisk, WithinRegion } from "../../../exports/placement";
import { type Complaints, complaints } from "../support/placement-complaints";

/** What leaves no node to run on: regions, devices, pools and taints. */
const cases: Complaints = {
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
      "OnDevice (app/pi): no node pool of cluster tokyo has device-type raspberry-pi-6: unknown device-type " +
        '"raspberry-pi-6": did you mean "raspberry-pi-4"? (must be one of: iot-gateway-x86, jetson-orin-nano, ' +
        "m6i.xlarge, raspberry-pi-4, raspberry-pi-5)",
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
      'Dedicated (app/kept): to: no node pool of cluster tokyo is dedicated to that: unknown purpose "iott": did you mean "iot"? (must be iot)',
    ],
  ],
};

it.each(Object.entries(cases))("%s", (_, [place, given, expected]) => {
  expect(complaints(place, given)).toEqual(expected);
});
