import { app, type ClusterCases, pool, requests } from "./case";

const limitRange = (limits: readonly object[], namespace = "telemetry") => ({
  apiVersion: "v1",
  kind: "LimitRange",
  metadata: { name: "amounts", namespace },
  spec: { limits },
});
const none = { containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }] };
const at = "Deployment example spec.template.spec.containers[0].resources";

/** Examples for the rules about requests and capacity. */
export const capacityCases: Readonly<Record<string, ClusterCases>> = {
  "requests-and-limits": {
    valid: {
      "defaults of a LimitRange": [
        limitRange([
          { type: "Container", defaultRequest: { cpu: "20m", memory: "24Mi" }, default: { memory: "48Mi" } },
        ]),
        app("example", none),
      ],
      // The maximum is the default limit, and the minimum is the default request. A default limit is also the default request.
      "defaults that follow from a LimitRange's bounds": [
        limitRange([{ type: "Container", max: { memory: "64Mi" }, min: { cpu: "10m" } }]),
        app("example", none),
      ],
      "defaults of several LimitRanges": [
        limitRange([{ type: "Pod", max: { cpu: "1" } }]),
        limitRange([{ type: "Container", defaultRequest: { cpu: "20m" } }]),
        limitRange([{ type: "Container", default: { memory: "48Mi" } }]),
        app("example", none),
      ],
    },
    invalid: {
      "a LimitRange in another namespace or for pods": {
        objects: [
          limitRange([{ type: "Container", default: { cpu: "1", memory: "48Mi" } }], "shop"),
          limitRange([{ type: "Pod", default: { cpu: "1", memory: "48Mi" } }]),
          app("example", none),
        ],
        violations: ["requests.cpu", "requests.memory", "limits.memory"].map(
          (field) => `${at}.${field}: got nothing, must be greater than 0`,
        ),
      },
      "a default limit below the request": {
        objects: [
          limitRange([{ type: "Container", default: { memory: "48Mi" } }]),
          app("example", requests("1", "64Mi")),
        ],
        violations: [`${at}.limits.memory: got "48Mi", must be at least the request, "64Mi"`],
      },
    },
  },
  "requests-fit-nodes": {
    valid: {
      "requests equal to the largest node": [pool("a"), app("example", requests("4", "8Gi"))],
      "requests that override a LimitRange's defaults": [
        pool("a"),
        limitRange([{ type: "Container", defaultRequest: { cpu: "8", memory: "16Gi" } }]),
        app("example", requests("4", "8Gi")),
      ],
      "a pool without capacity": [pool("a", {}, { capacity: {} }), app("example", requests("64", "1Ti"))],
      "a server, whose capacity is unknown": [
        pool("a"),
        app("example", { ...requests("64", "1Ti"), nodeSelector: { "node-role.kubernetes.io/control-plane": "true" } }),
      ],
    },
    invalid: {
      "requests beyond the largest node": {
        objects: [
          pool("a"),
          pool("b", {}, { capacity: { cpuCores: 6, memoryMiB: 4096 } }),
          app("example", requests("6500m", "16Gi")),
        ],
        violations: [
          "Deployment example spec.template.spec.containers[0].resources.requests.cpu: a pod requests 6.5 cores, but the largest node that it may use (pool b) has 6 cores",
          "Deployment example spec.template.spec.containers[0].resources.requests.memory: a pod requests 16384 MiB, but the largest node that it may use (pool a) has 8192 MiB",
        ],
      },
      "defaults beyond the largest node": {
        objects: [
          pool("a"),
          limitRange([{ type: "Container", default: { cpu: "5", memory: "1Gi" } }]),
          app("example", none),
        ],
        violations: [
          `${at}.requests.cpu: a pod requests 5 cores, but the largest node that it may use (pool a) has 4 cores`,
        ],
      },
      "CPU and memory that no single node has": {
        objects: [
          pool("a"),
          pool("b", {}, { capacity: { cpuCores: 6, memoryMiB: 4096 } }),
          app("example", requests("5", "8Gi")),
        ],
        violations: [
          "Deployment example spec.template.spec.containers[0].resources.requests: no node that it may use has both 5 cores and 8192 MiB",
        ],
      },
      "a DaemonSet that does not fit the smallest pool": {
        objects: [
          pool("a"),
          pool("b", {}, { capacity: { cpuCores: 1 } }),
          app("example", requests("2", "1Gi"), { kind: "DaemonSet" }),
        ],
        violations: [
          "DaemonSet example spec.template.spec.containers[0].resources.requests.cpu: a pod requests 2 cores, but the largest node that it may use (pool b) has 1 core",
        ],
      },
      "an init container with a sidecar": {
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
        violations: [
          "Deployment example spec.template.spec.containers[0].resources.requests.cpu: a pod requests 4.5 cores, but the largest node that it may use (pool a) has 4 cores",
        ],
      },
    },
  },
  "requests-fit-capacity": {
    valid: {
      "requests equal to the capacity": [pool("a"), app("example", requests("2", "1Gi"), { spec: { replicas: 4 } })],
      "pods that may run on another pool": [
        pool("a"),
        pool("b"),
        app("example", requests("2", "1Gi"), { spec: { replicas: 8 } }),
      ],
      "a pool without a count": [
        pool("a", {}, { count: undefined }),
        app("example", requests("2", "1Gi"), { spec: { replicas: 100 } }),
      ],
    },
    invalid: {
      "too many replicas in a region": {
        objects: [
          pool("a"),
          pool("b", { "edge-region": "sydney" }),
          app("one", requests("1", "6Gi"), { labels: { "required-region": "tokyo" }, spec: { replicas: 2 } }),
          app("two", requests("1", "1Gi"), { labels: { "required-region": "tokyo" }, spec: { replicas: 5 } }),
        ],
        violations: [
          "Deployment one spec.replicas: pods restricted to pool a (2 nodes) request 17408 MiB in total, must be at most 16384 MiB",
        ],
      },
      "capacity reduced by a DaemonSet": {
        objects: [
          pool("a"),
          app("agent", requests("3", "1Gi"), { kind: "DaemonSet" }),
          app("example", requests("1500m", "1Gi"), { kind: "Job", spec: { parallelism: 2 } }),
        ],
        violations: [
          "Job example spec.parallelism: pods restricted to pool a (2 nodes) request 3 cores in total, must be at most 2 cores",
        ],
      },
      "a shortage of a device in a region, reported once": {
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
        violations: [
          "Deployment one spec.replicas: pods restricted to pool b (1 node) request 6 cores in total, must be at most 4 cores",
        ],
      },
    },
  },
};
