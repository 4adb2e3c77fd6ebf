import { type ObjectCases, podSpec, workload } from "./case";

const { automountServiceAccountToken: _, ...silent } = podSpec();

export const noDefaultAccountToken: ObjectCases = {
  kept: [
    workload("Pod"),
    workload("Deployment", { ...silent, serviceAccountName: "collector" }),
    workload("DaemonSet", podSpec({ automountServiceAccountToken: true, serviceAccountName: "collector" })),
    workload("StatefulSet", { ...silent, serviceAccount: "collector" }),
    workload("Job", podSpec({ serviceAccountName: "default" })),
  ],
  broken: [
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
