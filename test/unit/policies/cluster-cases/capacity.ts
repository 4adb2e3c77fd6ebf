import { app, byEdgeScheduler, type ClusterCases, pool, requests } from "./case";

const limitRange = (limits: readonly object[], namespace = "telemetry") => ({
  apiVersion: "v1",
  kind: "LimitRange",
  metadata: { name: "amounts", namespace },
  spec: { limits },
});
const none = { containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }] };
const at = "Deployment example spec.template.spec.containers[0].resources";

/** Rules about whether nodes have what pods request. */
export const capacityCases: Readonly<Record<string, ClusterCases>> = {
  "requests-and-limits": {
    kept: {
      "filled in by a LimitRange": [
        limitRange([
          { type: "Container", defaultRequest: { cpu: "20m", memory: "24Mi" }, default: { memory: "48Mi" } },
        ]),
        app("example", none),
      ],
      // What has a limit by default requests it by default, a maximum is the default limit, a minimum the default request.
      "filled in by its bounds": [
        limitRange([{ type: "Container", max: { memory: "64Mi" }, min: { cpu: "10m" } }]),
        app("example", none),
      ],
      "filled in by several": [
        limitRange([{ type: "Pod", max: { cpu: "1" } }]),
        limitRange([{ type: "Container", defaultRequest: { cpu: "20m" } }]),
        limitRange([{ type: "Container", default: { memory: "48Mi" } }]),
        app("example", none),
      ],
    },
    broken: {
      "a LimitRange of another namespace, or of pods": {
        objects: [
          limitRange([{ type: "Container", default: { cpu: "1", memory: "48Mi" } }], "shop"),
          limitRange([{ type: "Pod", default: { cpu: "1", memory: "48Mi" } }]),
          app("example", none),
        ],
        found: ["requests.cpu", "requests.memory", "limits.memory"].map(
          (field) => `${at}.${field}: got nothing, allowed is a quantity above 0`,
        ),
      },
      "a default limit below the request": {
        objects: [
          limitRange([{ type: "Container", default: { memory: "48Mi" } }]),
          app("example", requests("1", "64Mi")),
        ],
        found: [`${at}.limits.memory: got "48Mi", allowed is no less than the request, "64Mi"`],
      },
    },
  },
  "requests-fit-nodes": {
    kept: {
      "what the largest has": [pool("a"), app("example", requests("4", "8Gi"))],
      "less than a LimitRange would fill in": [
        pool("a"),
        limitRange([{ type: "Container", defaultRequest: { cpu: "8", memory: "16Gi" } }]),
        app("example", requests("4", "8Gi")),
      ],
      "a pool that states no capacity": [pool("a", {}, { capacity: {} }), app("example", requests("64", "1Ti"))],
      "a server, of which nothing is known": [
        pool("a"),
        app("example", { ...requests("64", "1Ti"), nodeSelector: { "node-role.kubernetes.io/control-plane": "true" } }),
      ],
    },
    broken: {
      "more than the largest has": {
        objects: [
          pool("a"),
          pool("b", {}, { capacity: { cpuCores: 6, memoryMiB: 4096 } }),
          app("example", requests("6500m", "16Gi")),
        ],
        found: [
          "Deployment example spec.template.spec.containers[0].resources.requests.cpu: a pod requests 6.5 cores, the largest node that it may use (pool b) has 6 cores",
          "Deployment example spec.template.spec.containers[0].resources.requests.memory: a pod requests 16384 MiB, the largest node that it may use (pool a) has 8192 MiB",
        ],
      },
      "what a LimitRange fills in": {
        objects: [
          pool("a"),
          limitRange([{ type: "Container", default: { cpu: "5", memory: "1Gi" } }]),
          app("example", none),
        ],
        found: [`${at}.requests.cpu: a pod requests 5 cores, the largest node that it may use (pool a) has 4 cores`],
      },
      "both of what no node has both": {
        objects: [
          pool("a"),
          pool("b", {}, { capacity: { cpuCores: 6, memoryMiB: 4096 } }),
          app("example", requests("5", "8Gi")),
        ],
        found: [
          "Deployment example spec.template.spec.containers[0].resources.requests: no node that it may use has both 5 cores and 8192 MiB",
        ],
      },
      "a DaemonSet on the smallest": {
        objects: [
          pool("a"),
          pool("b", {}, { capacity: { cpuCores: 1 } }),
          app("example", requests("2", "1Gi"), { kind: "DaemonSet" }),
        ],
        found: [
          "DaemonSet example spec.template.spec.containers[0].resources.requests.cpu: a pod requests 2 cores, the largest node that it may use (pool b) has 1 core",
        ],
      },
      "a step of the start": {
        objects: [
          pool("a"),
          app("example", {
            initContainers: [
              { name: "proxy", restartPolicy: "Always", resources: { requests: { cpu: "1" } } },
              { name: "load", resources: { limits: { cpu: "3500m" } } },
            ],
            ...requests("1", "1Gi"),
          }),
        ],
        found: [
          "Deployment example spec.template.spec.containers[0].resources.requests.cpu: a pod requests 4.5 cores, the largest node that it may use (pool a) has 4 cores",
        ],
      },
    },
  },
  "capacity-suffices": {
    kept: {
      "what the nodes have": [pool("a"), app("example", requests("2", "1Gi"), { spec: { replicas: 4 } })],
      "pods that may go elsewhere": [
        pool("a"),
        pool("b"),
        app("example", requests("2", "1Gi"), { spec: { replicas: 8 } }),
      ],
      "as many nodes as register": [
        pool("a", {}, { count: undefined }),
        app("example", requests("2", "1Gi"), { spec: { replicas: 100 } }),
      ],
    },
    broken: {
      "too many replicas in a region": {
        objects: [
          pool("a"),
          pool("b", { "edge-region": "sydney" }),
          app(
            "one",
            { ...requests("1", "6Gi"), ...byEdgeScheduler },
            { labels: { "required-region": "tokyo" }, spec: { replicas: 2 } },
          ),
          app(
            "two",
            { ...requests("1", "1Gi"), ...byEdgeScheduler },
            { labels: { "required-region": "tokyo" }, spec: { replicas: 5 } },
          ),
        ],
        found: [
          "Deployment one spec.replicas: pods that may only use the 2 nodes of a request 17408 MiB in all, of which there are 16384 MiB",
        ],
      },
      "a DaemonSet that takes its part": {
        objects: [
          pool("a"),
          app("agent", requests("3", "1Gi"), { kind: "DaemonSet" }),
          app("example", requests("1500m", "1Gi"), { kind: "Job", spec: { parallelism: 2 } }),
        ],
        found: [
          "Job example spec.parallelism: pods that may only use the 2 nodes of a request 3 cores in all, of which there are 2 cores",
        ],
      },
      "a region and a device of it, said once": {
        objects: [
          pool("a", {}, { count: 1 }),
          pool("b", { "device-type": "jetson-orin-nano" }, { count: 1 }),
          app(
            "one",
            { ...requests("3", "1Gi"), nodeSelector: { "device-type": "jetson-orin-nano" } },
            { spec: { replicas: 2 } },
          ),
          app("two", requests("3", "1Gi")),
        ],
        found: [
          "Deployment one spec.replicas: pods that may only use the 1 node of b request 6 cores in all, of which there are 4 cores",
        ],
      },
    },
  },
};
