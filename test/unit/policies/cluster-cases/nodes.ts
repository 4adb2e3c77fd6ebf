import { app, type ClusterCases, gateways, iot, pool } from "./case";

const terms = (...matchExpressions: readonly object[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  },
});
const sydney = (name: string) => pool(name, { "edge-region": "sydney" });
const onServers = { nodeSelector: { "node-role.kubernetes.io/control-plane": "true" } };
const pi4 = pool(
  "pi4",
  { "device-type": "raspberry-pi-4" },
  { taints: [{ key: "device-type", value: "raspberry-pi-4", effect: "NoSchedule" }] },
);

/** Rules about where pods may run. */
export const nodeCases: Readonly<Record<string, ClusterCases>> = {
  "regions-exist": {
    kept: {
      "a region with nodes": [pool("a"), app("example", {}, { labels: { "required-region": "tokyo" } })],
      "fallbacks with nodes": [
        pool("a"),
        sydney("b"),
        app(
          "example",
          {},
          { labels: { "required-region": "tokyo" }, annotations: { "skerry.dev/fallback-regions": "sydney" } },
        ),
      ],
      "the region of the servers": [
        pool("a"),
        app("example", { nodeSelector: { ...onServers.nodeSelector, "topology.kubernetes.io/region": "osaka" } }),
      ],
      "no pool, so that no node is known": [app("example", {}, { labels: { "required-region": "tokio" } })],
      "a region served and not demanded": [
        pool("a"),
        app("example", {}, { annotations: { "skerry.dev/near-region": "paris" } }),
      ],
    },
    broken: {
      "a misspelt label": {
        objects: [pool("a"), sydney("b"), app("example", {}, { labels: { "required-region": "sidney" } })],
        found: [
          'Deployment example spec.template.metadata.labels.required-region: unknown region "sidney": did you mean "sydney"? (must be one of: sydney, tokyo)',
        ],
      },
      "a fallback without nodes": {
        objects: [
          pool("a"),
          app(
            "example",
            {},
            {
              kind: "CronJob",
              labels: { "required-region": "tokyo" },
              annotations: { "skerry.dev/fallback-regions": "osaka" },
            },
          ),
        ],
        found: [
          'CronJob example spec.jobTemplate.spec.template.metadata.annotations["skerry.dev/fallback-regions"]: unknown region "osaka" (must be tokyo)',
        ],
      },
      "a selector and an affinity": {
        objects: [
          pool("a"),
          app("one", { nodeSelector: { "edge-region": "osaka" } }),
          app("two", terms({ key: "topology.kubernetes.io/region", operator: "In", values: ["tokyo", "perth"] })),
        ],
        found: [
          'Deployment one spec.template.spec.nodeSelector.edge-region: unknown region "osaka" (must be tokyo)',
          'Deployment two spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[1]: unknown region "perth" (must be tokyo)',
        ],
      },
    },
  },
  "pods-have-nodes": {
    kept: {
      "an open pool": [gateways("gw"), pool("a"), app("example")],
      "a tolerated one": [gateways("gw"), app("example", { tolerations: [iot] })],
      "the servers": [gateways("gw"), app("example", onServers)],
      "a node by its name": [gateways("gw"), app("example", { nodeName: "tokyo-server-1" }, { kind: "Pod" })],
      "a label that only nodes state": [pool("a"), app("example", { nodeSelector: { "kubernetes.io/arch": "arm64" } })],
      "a taint that only prefers": [
        gateways("gw", {}, { taints: [{ key: "link", value: "slow", effect: "PreferNoSchedule" }] }),
        app("example"),
      ],
      "a device whose taint is another rule's": [
        pi4,
        app("example", { nodeSelector: { "device-type": "raspberry-pi-4" } }),
      ],
    },
    broken: {
      "a device that is not there": {
        objects: [pool("a"), gateways("gw"), app("example", { nodeSelector: { "device-type": "raspberry-pi5" } })],
        found: [
          'Deployment example spec.template.spec.nodeSelector.device-type: unknown device-type "raspberry-pi5": did you mean "raspberry-pi-5"? (must be one of: iot-gateway-x86, raspberry-pi-5)',
        ],
      },
      "labels that no pool has together": {
        objects: [
          pool("a"),
          gateways("gw", { "edge-region": "sydney" }),
          app("one", { nodeSelector: { "device-type": "raspberry-pi-5", "edge-region": "sydney" } }),
          app("two", terms({ key: "accelerator", operator: "Exists" })),
        ],
        found: [
          "Deployment one spec.template.spec.nodeSelector: no node pool of the cluster has all the labels that it demands",
          "Deployment two spec.template.spec.affinity.nodeAffinity: no node pool of the cluster has all the labels that it demands",
        ],
      },
      "taints everywhere": {
        objects: [
          pi4,
          gateways("gw", {}, { taints: [{ ...iot }, { key: "site", effect: "NoExecute" }] }),
          app("example"),
        ],
        found: [
          "Deployment example spec.template.spec.tolerations: every node that it may use has a taint that it does not tolerate: tolerate device-type=raspberry-pi-4:NoSchedule (pool pi4), or add a pool without",
        ],
      },
      "a region that is tainted": {
        objects: [
          pool("a"),
          gateways("gw", { "edge-region": "sydney" }),
          app("example", {}, { labels: { "required-region": "sydney" } }),
        ],
        found: [
          "Deployment example spec.template.spec.tolerations: every node that it may use has a taint that it does not tolerate: tolerate dedicated=iot:NoSchedule (pool gw), or add a pool without",
        ],
      },
    },
  },
  "selected-nodes-tolerated": {
    kept: {
      "a device without a taint": [pool("a"), app("example", { nodeSelector: { "device-type": "raspberry-pi-5" } })],
      "a device with its taint": [
        gateways("gw"),
        app(
          "example",
          { nodeSelector: { "edge-node-type": "iot-gateway" }, tolerations: [iot] },
          { kind: "DaemonSet" },
        ),
      ],
      "a region, which is no device": [
        gateways("gw"),
        pool("a"),
        app("example", { nodeSelector: { "edge-region": "tokyo" } }),
      ],
      "a device that is avoided": [
        gateways("gw"),
        pool("a"),
        app("example", terms({ key: "device-type", operator: "NotIn", values: ["raspberry-pi-5"] })),
      ],
    },
    broken: {
      "a selector": {
        objects: [
          gateways("gw"),
          gateways("gw-2"),
          app("example", { nodeSelector: { "edge-node-type": "iot-gateway" } }, { kind: "DaemonSet" }),
        ],
        found: [
          "DaemonSet example spec.template.spec.tolerations: demands nodes of gw, gw-2, and does not tolerate their taint dedicated=iot:NoSchedule",
        ],
      },
      "a toleration of another value": {
        objects: [
          gateways("gw"),
          pi4,
          app("example", {
            ...terms({ key: "skerry.dev/node-pool", operator: "Exists" }),
            tolerations: [
              { ...iot, value: "ai" },
              { key: "device-type", operator: "Exists" },
            ],
          }),
        ],
        found: [
          "Deployment example spec.template.spec.tolerations: demands nodes of gw, and does not tolerate their taint dedicated=iot:NoSchedule",
        ],
      },
    },
  },
  "tolerations-have-taints": {
    kept: {
      "a taint of a pool": [gateways("gw"), app("example", { tolerations: [iot] })],
      "a taint of Kubernetes": [
        pool("a"),
        app("example", {
          tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" }],
        }),
      ],
      "one without a key, which is another rule's": [
        pool("a"),
        app("example", { tolerations: [{ operator: "Exists" }] }),
      ],
      "no pool, so that no taint is known": [app("example", { tolerations: [iot] })],
    },
    broken: {
      "another value": {
        objects: [gateways("gw"), app("example", { tolerations: [{ ...iot, value: "ioT" }] })],
        found: [
          'Deployment example spec.template.spec.tolerations[0]: unknown taint "dedicated=ioT:NoSchedule": did you mean "dedicated=iot:NoSchedule"? (must be dedicated=iot:NoSchedule)',
        ],
      },
      "another effect": {
        objects: [
          gateways("gw"),
          app("example", { tolerations: [iot, { key: "dedicated", operator: "Exists", effect: "NoExecute" }] }),
        ],
        found: [
          'Deployment example spec.template.spec.tolerations[1]: unknown taint "dedicated:NoExecute" (must be dedicated=iot:NoSchedule)',
        ],
      },
    },
  },
  "taints-have-pods": {
    kept: {
      "a pod that tolerates it": [gateways("gw"), app("example", { tolerations: [iot] })],
      "a taint that only prefers": [
        pool("a", {}, { taints: [{ key: "link", value: "slow", effect: "PreferNoSchedule" }] }),
      ],
    },
    broken: {
      "nobody tolerates it": {
        objects: [pi4, gateways("gw"), gateways("gw-2"), app("example", { tolerations: [{ operator: "Exists" }] })],
        found: [
          "FleetNodePool pi4 spec.taints[0]: no pod of the cluster tolerates device-type=raspberry-pi-4:NoSchedule: 2 nodes unused (pi4)",
          "FleetNodePool gw spec.taints[0]: no pod of the cluster tolerates dedicated=iot:NoSchedule: 4 nodes unused (gw, gw-2)",
        ],
      },
      "who tolerates it goes elsewhere": {
        objects: [
          gateways("gw"),
          sydney("b"),
          app("example", { tolerations: [iot], nodeSelector: { "edge-region": "sydney" } }),
        ],
        found: [
          "FleetNodePool gw spec.taints[0]: no pod of the cluster tolerates dedicated=iot:NoSchedule: 2 nodes unused (gw)",
        ],
      },
    },
  },
};
