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
import { type ProblemCases, findProblems } from "../support/placement-problems";

/** Placements that contradict the kind or the fields of their object. */
const cases: ProblemCases = {
  "replicas of a DaemonSet": [
    (chart, workload) => void new HighlyAvailable(chart, "available", { workload, replicas: 3 }),
    { kind: "DaemonSet" },
    ["HighlyAvailable (app/available): replicas: must not be set for DaemonSet (app/main) itself, got 3"],
  ],
  "OnEveryNode on a Job": [
    (chart, workload) => void new OnEveryNode(chart, "nodes", { workload }),
    { kind: "Job" },
    ['OnEveryNode (app/nodes): workload: must be a DaemonSet, got "Job"'],
  ],
  "a different number of replicas in the object": [
    (chart, workload) => void new HighlyAvailable(chart, "available", { workload, replicas: 3 }),
    { spec: { replicas: 2 } },
    [
      "Deployment (app/main) itself and HighlyAvailable (app/available): replicas must have one value, " +
        'got "2" from Deployment (app/main) itself and "3" from HighlyAvailable (app/available)',
    ],
  ],
  "HighlyAvailable that survives with more pods than it can lose": [
    (chart, workload) => {
      const survives = { loss: "region", minAvailable: 3 } as const;
      new HighlyAvailable(chart, "available", { workload, replicas: 3, survives });
    },
    {},
    [
      "HighlyAvailable (app/available): survives.minAvailable: must be an integer of at least 1 and less than the 3 " +
        "replicas, got 3",
    ],
  ],
  "HighlyAvailable that survives with no pod of an autoscaled workload": [
    (chart, workload) => {
      const survives = { loss: "node", minAvailable: 0 } as const;
      new HighlyAvailable(chart, "available", { workload, replicas: "autoscaled", survives });
    },
    {},
    ["HighlyAvailable (app/available): survives.minAvailable: must be an integer of at least 1, got 0"],
  ],
  "HighlyAvailable that survives another loss than the object states": [
    (chart, workload) =>
      void new HighlyAvailable(chart, "available", { workload, replicas: 3, survives: { loss: "region" } }),
    { annotations: { "skerry.dev/survives-loss-of": "node" } },
    [
      "Deployment (app/main) itself and HighlyAvailable (app/available): annotation skerry.dev/survives-loss-of must have " +
        'one value, got "node" from Deployment (app/main) itself and "region" from HighlyAvailable (app/available)',
    ],
  ],
  "HighlyAvailable with one replica": [
    (chart, workload) => void new HighlyAvailable(chart, "available", { workload }),
    { spec: { replicas: 1 } },
    [
      'HighlyAvailable (app/available): replicas: must be an integer of at least 2, or "autoscaled", got 1 from ' +
        "Deployment (app/main) itself",
    ],
  ],
  "a nodeName in the object": [
    (chart, workload) => void new WithDisk(chart, "disk", { workload }),
    { pod: { nodeName: "tokyo-gw-01" } },
    [
      "Deployment (app/main) itself and WithDisk (app/disk): the pods set nodeName to tokyo-gw-01, which bypasses the scheduler: remove it",
    ],
  ],
  "a different scheduler in the object": [
    (chart, workload) => void new WithProfile(chart, "io", { workload, profile: "io-heavy" }),
    { pod: { schedulerName: "volcano" } },
    [
      "Deployment (app/main) itself and WithProfile (app/io): schedulerName must have one value, " +
        'got "volcano" from Deployment (app/main) itself and "edge-scheduler" from WithProfile (app/io)',
    ],
  ],
  "a different node selector in the object": [
    (chart, workload) => void new OnDevice(chart, "pi", { workload, device: "raspberry-pi-4" }),
    { pod: { nodeSelector: { "device-type": "jetson-orin-nano" } } },
    [
      "Deployment (app/main) itself and OnDevice (app/pi): no node has both " +
        "device-type jetson-orin-nano from Deployment (app/main) itself and device-type raspberry-pi-4 from OnDevice (app/pi)",
    ],
  ],
  "a node affinity of the object that excludes the region": [
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
      "Deployment (app/main) itself and WithinRegion (app/in-osaka): the object's required node affinity excludes " +
        "edge-region osaka",
    ],
  ],
  "a different region label in the object": [
    (chart, workload) => void new WithinRegion(chart, "in-osaka", { workload, region: "osaka" }),
    { labels: { "required-region": "tokyo" } },
    [
      "Deployment (app/main) itself and WithinRegion (app/in-osaka): served region must have one value, " +
        'got "tokyo" from Deployment (app/main) itself and "osaka" from WithinRegion (app/in-osaka)',
    ],
  ],
  "a different spread in the object": [
    (chart, workload) => void new SpreadAcrossNodes(chart, "nodes", { workload }),
    {
      pod: {
        topologySpreadConstraints: [
          { maxSkew: 5, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector: {} },
        ],
      },
    },
    [
      "Deployment (app/main) itself and SpreadAcrossNodes (app/nodes): the object already spreads its pods over " +
        "kubernetes.io/hostname with maxSkew 5: remove one of the two",
    ],
  ],
  "a toleration of the object with a time limit": [
    (chart, workload) => void new Autonomous(chart, "stays", { workload }),
    {
      pod: {
        tolerations: [
          { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
        ],
      },
    },
    [
      "Autonomous (app/stays): Deployment (app/main) itself tolerates node.kubernetes.io/unreachable for only 30 s: " +
        "remove that toleration",
    ],
  ],
  "a volume name and path that the object already uses": [
    (chart, workload) =>
      void new Autonomous(chart, "stays", { workload, data: { path: "/tmp", name: "tmp", size: Size.gibibytes(1) } }),
    {},
    [
      "Autonomous (app/stays) and Deployment (app/main) itself: the object already has a volume tmp: choose another name",
      "Autonomous (app/stays) and Deployment (app/main) itself: the object already mounts a volume at /tmp: choose another path",
    ],
  ],
};

it.each(Object.entries(cases))("reports %s", (_, [place, given, expected]) => {
  expect(findProblems(place, given)).toEqual(expected);
});
