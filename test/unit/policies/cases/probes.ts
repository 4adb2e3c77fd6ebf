import { container, initContainer, type ObjectCases, podSpec, workload } from "./case";

const { livenessProbe, readinessProbe, ...bare } = container();
const ready = { ...bare, readinessProbe };

export const probes: ObjectCases = {
  valid: [
    workload("Deployment", podSpec({ initContainers: [initContainer(bare)] })),
    workload("Job", podSpec({ containers: [bare] })),
    workload("CronJob", podSpec({ containers: [bare] })),
    workload("Pod", podSpec({ containers: [bare], restartPolicy: "OnFailure" })),
  ],
  invalid: [
    {
      object: workload("Deployment", podSpec({ containers: [ready] })),
      paths: ["spec.template.spec.containers[0].livenessProbe"],
    },
    {
      object: workload("DaemonSet", podSpec({ containers: [container(), { ...bare, name: "side", livenessProbe }] })),
      paths: ["spec.template.spec.containers[1].readinessProbe"],
    },
    {
      object: workload("Pod", podSpec({ containers: [bare] })),
      paths: ["spec.containers[0].livenessProbe", "spec.containers[0].readinessProbe"],
    },
    {
      object: workload("StatefulSet", podSpec({ containers: [{ ...ready, livenessProbe: null }] })),
      paths: ["spec.template.spec.containers[0].livenessProbe"],
    },
  ],
};
