import { type ObjectCases, podSpec, workload } from "./case";

const by = (schedulerName: string | null) => podSpec({ schedulerName });

export const schedulersExist: ObjectCases = {
  valid: [
    workload("Pod", by(null)),
    workload("Job", by("default-scheduler")),
    workload("Deployment", by("edge-scheduler")),
    workload("DaemonSet", by("")),
  ],
  invalid: [
    { object: workload("Deployment", by("edge-schedulr")), paths: ["spec.template.spec.schedulerName"] },
    { object: workload("Pod", by("volcano")), paths: ["spec.schedulerName"] },
  ],
};
