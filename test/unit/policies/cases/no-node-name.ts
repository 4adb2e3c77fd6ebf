import { type ObjectCases, podSpec, workload } from "./case";

const on = podSpec({ nodeName: "tokyo-gw-01" });

export const noNodeName: ObjectCases = {
  valid: [workload("Deployment"), workload("Pod", on), workload("Job", podSpec({ nodeName: "" }))],
  invalid: [
    { object: workload("Deployment", on), paths: ["spec.template.spec.nodeName"] },
    { object: workload("CronJob", on), paths: ["spec.jobTemplate.spec.template.spec.nodeName"] },
  ],
};
