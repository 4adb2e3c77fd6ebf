import { type ObjectCases, podSpec, workload } from "./case";

const tolerations = (...list: readonly object[]) => podSpec({ tolerations: list });

export const noBlanketToleration: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", podSpec({ tolerations: null })),
    workload("DaemonSet", tolerations({ key: "dedicated", operator: "Exists" })),
    workload("StatefulSet", tolerations({ key: "dedicated", value: "iot", effect: "NoSchedule" })),
  ],
  invalid: [
    {
      object: workload("DaemonSet", tolerations({ operator: "Exists" })),
      paths: ["spec.template.spec.tolerations[0]"],
    },
    {
      object: workload(
        "Pod",
        tolerations({ key: "dedicated", operator: "Exists" }, { key: "", operator: "Exists", effect: "NoExecute" }),
      ),
      paths: ["spec.tolerations[1]"],
    },
    {
      object: workload(
        "CronJob",
        tolerations({ operator: "Exists", effect: "NoSchedule" }, { key: null, operator: "Exists" }),
      ),
      paths: [
        "spec.jobTemplate.spec.template.spec.tolerations[0]",
        "spec.jobTemplate.spec.template.spec.tolerations[1]",
      ],
    },
  ],
};
