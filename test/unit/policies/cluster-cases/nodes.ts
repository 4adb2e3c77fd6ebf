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

/** Examples for the rules about nodes. */
export const nodeCases: Readonly<Record<string, ClusterCases>> = {
  "regions-exist": {
    valid: {
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
      "a server's region": [
        pool("a"),
        app("example", { nodeSelector: { ...onServers.nodeSelector, "topology.kubernetes.io/region": "osaka" } }),
      ],
      "a cluster without node pools": [app("example", {}, { labels: { "required-region": "tokio" } })],
      "a preferred region": [pool("a"), app("example", {}, { annotations: { "skerry.dev/near-region": "paris" } })],
    },
    invalid: {
      "a misspelled label": {
        objects: [pool("a"), sydney("b"), app("example", {}, { labels: { "required-region": "sidney" } })],
        violations: [
          'Deployment example spec.template.metadata.labels.required-region: got "sidney", known: sydney, tokyo: did you mean "sydney"?',
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
        violations: [
          'CronJob example spec.jobTemplate.spec.template.metadata.annotations["skerry.dev/fallback-regions"]: got "osaka", known: tokyo',
        ],
      },
      "a selector and an affinity": {
        objects: [
          pool("a"),
          app("one", { nodeSelector: { "edge-region": "osaka" } }),
          app("two", terms({ key: "topology.kubernetes.io/region", operator: "In", values: ["tokyo", "perth"] })),
        ],
        violations: [
          'Deployment one spec.template.spec.nodeSelector.edge-region: got "osaka", known: tokyo',
          'Deployment two spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[1]: got "perth", known: tokyo',
        ],
      },
    },
  },
  "pods-schedulable": {
    valid: {
      "a pool without taints": [gateways("gw"), pool("a"), app("example")],
      "a tolerated pool": [gateways("gw"), app("example", { tolerations: [iot] })],
      servers: [gateways("gw"), app("example", onServers)],
      "a pod with a nodeName": [gateways("gw"), app("example", { nodeName: "tokyo-server-1" }, { kind: "Pod" })],
      "a label that only nodes have": [pool("a"), app("example", { nodeSelector: { "kubernetes.io/arch": "arm64" } })],
      "a PreferNoSchedule taint": [
        gateways("gw", {}, { taints: [{ key: "link", value: "slow", effect: "PreferNoSchedule" }] }),
        app("example"),
      ],
      "a device taint, which selected-nodes-tolerated reports": [
        pi4,
        app("example", { nodeSelector: { "device-type": "raspberry-pi-4" } }),
      ],
    },
    invalid: {
      "an unknown device": {
        objects: [pool("a"), gateways("gw"), app("example", { nodeSelector: { "device-type": "raspberry-pi5" } })],
        violations: [
          'Deployment example spec.template.spec.nodeSelector.device-type: got "raspberry-pi5", known: iot-gateway-x86, raspberry-pi-5: did you mean "raspberry-pi-5"?',
        ],
      },
      "labels that no pool has in combination": {
        objects: [
          pool("a"),
          gateways("gw", { "edge-region": "sydney" }),
          app("one", { nodeSelector: { "device-type": "raspberry-pi-5", "edge-region": "sydney" } }),
          app("two", terms({ key: "accelerator", operator: "Exists" })),
        ],
        violations: [
          "Deployment one spec.template.spec.nodeSelector: no node pool of the cluster has all the labels that the pod selects",
          "Deployment two spec.template.spec.affinity.nodeAffinity: no node pool of the cluster has all the labels that the pod selects",
        ],
      },
      "taints on all pools": {
        objects: [
          pi4,
          gateways("gw", {}, { taints: [{ ...iot }, { key: "site", effect: "NoExecute" }] }),
          app("example"),
        ],
        violations: [
          "Deployment example spec.template.spec.tolerations: every node that the pod may use has a taint that the pod does not tolerate: tolerate device-type=raspberry-pi-4:NoSchedule (pool pi4), or add a pool without taints",
        ],
      },
      "a region with taints on all pools": {
        objects: [
          pool("a"),
          gateways("gw", { "edge-region": "sydney" }),
          app("example", {}, { labels: { "required-region": "sydney" } }),
        ],
        violations: [
          "Deployment example spec.template.spec.tolerations: every node that the pod may use has a taint that the pod does not tolerate: tolerate dedicated=iot:NoSchedule (pool gw), or add a pool without taints",
        ],
      },
    },
  },
  "selected-nodes-tolerated": {
    valid: {
      "a device without a taint": [pool("a"), app("example", { nodeSelector: { "device-type": "raspberry-pi-5" } })],
      "a device with its taint": [
        gateways("gw"),
        app(
          "example",
          { nodeSelector: { "edge-node-type": "iot-gateway" }, tolerations: [iot] },
          { kind: "DaemonSet" },
        ),
      ],
      "a region with a pool without taints": [
        gateways("gw"),
        pool("a"),
        app("example", { nodeSelector: { "edge-region": "tokyo" } }),
      ],
      "an excluded device": [
        gateways("gw"),
        pool("a"),
        app("example", terms({ key: "device-type", operator: "NotIn", values: ["raspberry-pi-5"] })),
      ],
    },
    invalid: {
      "a node selector": {
        objects: [
          gateways("gw"),
          gateways("gw-2"),
          app("example", { nodeSelector: { "edge-node-type": "iot-gateway" } }, { kind: "DaemonSet" }),
        ],
        violations: [
          "DaemonSet example spec.template.spec.tolerations: selects nodes of gw, gw-2, but does not tolerate their taint dedicated=iot:NoSchedule",
        ],
      },
      "a toleration with another value": {
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
        violations: [
          "Deployment example spec.template.spec.tolerations: selects nodes of gw, but does not tolerate their taint dedicated=iot:NoSchedule",
        ],
      },
    },
  },
  "tolerations-match-taints": {
    valid: {
      "a pool's taint": [gateways("gw"), app("example", { tolerations: [iot] })],
      "a Kubernetes taint": [
        pool("a"),
        app("example", {
          tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" }],
        }),
      ],
      "a toleration without a key, which no-blanket-toleration reports": [
        pool("a"),
        app("example", { tolerations: [{ operator: "Exists" }] }),
      ],
      "tolerations without node pools": [app("example", { tolerations: [iot] })],
    },
    invalid: {
      "another value": {
        objects: [gateways("gw"), app("example", { tolerations: [{ ...iot, value: "ioT" }] })],
        violations: [
          'Deployment example spec.template.spec.tolerations[0]: got "dedicated=ioT:NoSchedule", known: dedicated=iot:NoSchedule: did you mean "dedicated=iot:NoSchedule"?',
        ],
      },
      "another effect": {
        objects: [
          gateways("gw"),
          app("example", { tolerations: [iot, { key: "dedicated", operator: "Exists", effect: "NoExecute" }] }),
        ],
        violations: [
          'Deployment example spec.template.spec.tolerations[1]: got "dedicated:NoExecute", known: dedicated=iot:NoSchedule',
        ],
      },
    },
  },
  "taints-tolerated": {
    valid: {
      "a pod that tolerates it": [gateways("gw"), app("example", { tolerations: [iot] })],
      "a PreferNoSchedule taint": [
        pool("a", {}, { taints: [{ key: "link", value: "slow", effect: "PreferNoSchedule" }] }),
      ],
    },
    invalid: {
      "taints without a matching toleration": {
        objects: [pi4, gateways("gw"), gateways("gw-2"), app("example", { tolerations: [{ operator: "Exists" }] })],
        violations: [
          "FleetNodePool pi4 spec.taints[0]: no pod of the cluster tolerates device-type=raspberry-pi-4:NoSchedule: 2 nodes unused (pi4)",
          "FleetNodePool gw spec.taints[0]: no pod of the cluster tolerates dedicated=iot:NoSchedule: 4 nodes unused (gw, gw-2)",
        ],
      },
      "a tolerating pod that selects other nodes": {
        objects: [
          gateways("gw"),
          sydney("b"),
          app("example", { tolerations: [iot], nodeSelector: { "edge-region": "sydney" } }),
        ],
        violations: [
          "FleetNodePool gw spec.taints[0]: no pod of the cluster tolerates dedicated=iot:NoSchedule: 2 nodes unused (gw)",
        ],
      },
    },
  },
};
