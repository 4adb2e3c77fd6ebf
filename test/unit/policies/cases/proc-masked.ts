import { container, initContainer, type ObjectCases, podSpec, securityContext, workload } from "./case";

const mount = (procMount: string | null) => securityContext({ procMount });

export const procMasked: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", podSpec({ containers: [container(mount("Default"))] })),
    workload("Job", podSpec({ containers: [container(mount(null))] })),
  ],
  invalid: [
    {
      object: workload("Pod", podSpec({ hostUsers: false, containers: [container(mount("Unmasked"))] })),
      paths: ["spec.containers[0].securityContext.procMount"],
    },
    {
      object: workload("Deployment", podSpec({ hostUsers: false, initContainers: [initContainer(mount("Unmasked"))] })),
      paths: ["spec.template.spec.initContainers[0].securityContext.procMount"],
    },
  ],
};
