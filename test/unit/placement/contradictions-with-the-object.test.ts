import { Size } from "cdk8s";

import {
  Autonomous,
  HighlyAvailable,
  OnDevice,
  OnEveryNode,
  SpreadAcrossNodes,
  WithDisk,
  WithinRegion,
  WithProfile,
} from "../../../exports/placement";
import { type Complaints, complaints } from "../support/placement-complaints";

/** What the object itself stands against: its kind, or what its author says in it. */
const cases: Complaints = {
  "replicas on a DaemonSet": [
    (chart, workload) => void new HighlyAvailable(chart, "available", { workload, replicas: 3 }),
    { kind: "DaemonSet" },
    ["HighlyAvailable (app/available): replicas: got 3, but DaemonSet (app/main) itself has none: leave them out"],
  ],
  "every node, for what is not on each": [
    (chart, workload) => void new OnEveryNode(chart, "nodes", { workload }),
    { kind: "Job" },
    ['OnEveryNode (app/nodes): workload: got "Job", allowed a DaemonSet: only that runs on every node'],
  ],
  "another number of replicas than the author's": [
    (chart, workload) => void new HighlyAvailable(chart, "available", { workload, replicas: 3 }),
    { spec: { replicas: 2 } },
    [
      "Deployment (app/main) itself and HighlyAvailable (app/available): the number of replicas can be one only: " +
        'got "2" by Deployment (app/main) itself and "3" by HighlyAvailable (app/available)',
    ],
  ],
  "one replica that is to be available": [
    (chart, workload) => void new HighlyAvailable(chart, "available", { workload }),
    { spec: { replicas: 1 } },
    [
      "HighlyAvailable (app/available): replicas: got 1 by Deployment (app/main) itself, allowed whole numbers from 2, " +
        'or "autoscaled"',
    ],
  ],
  "a node that the author names": [
    (chart, workload) => void new WithDisk(chart, "disk", { workload }),
    { pod: { nodeName: "tokyo-gw-01" } },
    ["Deployment (app/main) itself and WithDisk (app/disk): the pods name their node, tokyo-gw-01: leave nodeName out"],
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
};

it.each(Object.entries(cases))("%s", (_, [place, given, expected]) => {
  expect(complaints(place, given)).toEqual(expected);
});
