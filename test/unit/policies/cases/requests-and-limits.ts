import { container, initContainer, type ObjectCases, podSpec, workload } from "./case";

const having = (resources: object | null) => podSpec({ containers: [container({ resources })] });
const at = "spec.template.spec.containers[0].resources";

export const requestsAndLimits: ObjectCases = {
  valid: [
    workload("Pod"),
    // The limit is the default request.
    workload("Deployment", having({ limits: { cpu: "1", memory: "64Mi" } })),
    workload("Job", having({ requests: { cpu: 0.5, memory: "1e8" }, limits: { memory: "1Gi", cpu: "500m" } })),
    workload(
      "StatefulSet",
      podSpec({
        resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
        containers: [container({ resources: {} })],
      }),
    ),
  ],
  invalid: [
    {
      object: workload("Deployment", having(null)),
      paths: [`${at}.requests.cpu`, `${at}.requests.memory`, `${at}.limits.memory`],
    },
    {
      object: workload("DaemonSet", having({ requests: { cpu: "10m", memory: "16Mi" } })),
      paths: [`${at}.limits.memory`],
    },
    {
      object: workload("StatefulSet", having({ requests: { memory: "16Mi" }, limits: { memory: "16Mi" } })),
      paths: [`${at}.requests.cpu`],
    },
    {
      object: workload(
        "ReplicaSet",
        having({ requests: { cpu: "0", memory: "16Mi" }, limits: { memory: "16Mi", cpu: "1" } }),
      ),
      paths: [`${at}.requests.cpu`],
    },
    // The API server reads null as 0.
    {
      object: workload("Pod", having({ limits: { cpu: "1", memory: "64Mi" }, requests: { cpu: null } })),
      paths: ["spec.containers[0].resources.requests.cpu"],
    },
    // The API server itself rejects this one.
    {
      object: workload("Job", having({ requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1000M" } })),
      paths: [`${at}.limits.memory`],
    },
    {
      object: workload("Pod", podSpec({ initContainers: [initContainer({ resources: { limits: { cpu: "1" } } })] })),
      paths: ["spec.initContainers[0].resources.requests.memory", "spec.initContainers[0].resources.limits.memory"],
    },
  ],
};
