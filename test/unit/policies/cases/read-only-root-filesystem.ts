import { container, initContainer, type ObjectCases, podSpec, securityContext, workload } from "./case";

const writable = container(securityContext({ readOnlyRootFilesystem: false }));
const field = "securityContext.readOnlyRootFilesystem";

export const readOnlyRootFilesystem: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("CronJob"),
    workload("StatefulSet", podSpec({ initContainers: [initContainer()] })),
  ],
  invalid: [
    { object: workload("Pod", podSpec({ containers: [writable] })), paths: [`spec.containers[0].${field}`] },
    {
      object: workload(
        "Job",
        podSpec({ initContainers: [initContainer(writable)], containers: [container({ securityContext: {} })] }),
      ),
      paths: [`spec.template.spec.initContainers[0].${field}`, `spec.template.spec.containers[0].${field}`],
    },
  ],
};
