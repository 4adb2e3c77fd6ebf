import { type ObjectCases, podSpec, workload } from "./case";

const toleration = { key: "device-type", value: "raspberry-pi-4", effect: "NoSchedule" };
const every = { key: "device-type", operator: "Exists" };
const selects = (device: string) => ({ nodeSelector: { "device-type": device } });
const needs = (...terms: readonly object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
});
const oneOf = (key: string, ...values: readonly string[]) => ({ matchExpressions: [{ key, operator: "In", values }] });

export const toleratedDevicesSelected: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", podSpec({ tolerations: [{ key: "dedicated", value: "iot" }] })),
    workload("Deployment", podSpec({ tolerations: [toleration], ...selects("raspberry-pi-4") })),
    workload(
      "StatefulSet",
      podSpec({
        tolerations: [toleration, { ...toleration, value: "jetson-orin" }],
        ...needs(oneOf("device-type", "raspberry-pi-4", "jetson-orin")),
      }),
    ),
    workload("Job", podSpec({ tolerations: [every], ...selects("jetson-orin") })),
    workload(
      "CronJob",
      podSpec({ tolerations: [every], ...needs({ matchExpressions: [{ key: "device-type", operator: "Exists" }] }) }),
    ),
    workload("Pod", podSpec({ tolerations: [toleration], nodeSelector: { "skerry.dev/node-pool": "tokyo-pi" } })),
    workload(
      "Pod",
      podSpec({
        tolerations: [every],
        ...needs({ matchFields: [{ key: "metadata.name", operator: "In", values: ["tokyo-gw-01"] }] }),
      }),
    ),
    workload("Deployment", podSpec({ tolerations: [toleration] }), { "required-region": "tokyo" }),
    workload("StatefulSet", podSpec({ tolerations: [toleration], ...needs(oneOf("edge-region", "tokyo")) })),
    workload("DaemonSet", podSpec({ tolerations: [every] })),
  ],
  invalid: [
    {
      object: workload("Deployment", podSpec({ tolerations: [toleration] })),
      paths: ["spec.template.spec.tolerations[0]"],
    },
    {
      object: workload("Pod", podSpec({ tolerations: [{ key: "dedicated", operator: "Exists" }, every] })),
      paths: ["spec.tolerations[1]"],
    },
    {
      object: workload("StatefulSet", podSpec({ tolerations: [toleration], ...selects("jetson-orin") })),
      paths: ["spec.template.spec.tolerations[0]"],
    },
    {
      object: workload(
        "Job",
        podSpec({
          tolerations: [toleration],
          ...needs(oneOf("device-type", "raspberry-pi-4"), oneOf("disktype", "ssd")),
        }),
      ),
      paths: ["spec.template.spec.tolerations[0]"],
    },
    {
      object: workload(
        "ReplicaSet",
        podSpec({ tolerations: [toleration], ...needs(oneOf("device-type", "jetson-orin")) }),
      ),
      paths: ["spec.template.spec.tolerations[0]"],
    },
  ],
};
