import { type ObjectCases, podSpec, workload } from "./case";

const { automountServiceAccountToken: _, ...silent } = podSpec();

export const noDefaultAccountToken: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", { ...silent, serviceAccountName: "collector" }),
    workload("DaemonSet", podSpec({ automountServiceAccountToken: true, serviceAccountName: "collector" })),
    workload("StatefulSet", { ...silent, serviceAccount: "collector" }),
    workload("Job", podSpec({ serviceAccountName: "default" })),
  ],
  invalid: [
    { object: workload("Pod", silent), paths: ["spec.automountServiceAccountToken"] },
    {
      object: workload("Deployment", podSpec({ automountServiceAccountToken: true })),
      paths: ["spec.template.spec.automountServiceAccountToken"],
    },
    {
      object: workload("CronJob", podSpec({ automountServiceAccountToken: null, serviceAccountName: "default" })),
      paths: ["spec.jobTemplate.spec.template.spec.automountServiceAccountToken"],
    },
  ],
};
