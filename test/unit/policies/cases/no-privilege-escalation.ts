import { container, initContainer, type ObjectCases, podSpec, securityContext, workload } from "./case";

const field = "securityContext.allowPrivilegeEscalation";

export const noPrivilegeEscalation: ObjectCases = {
  valid: [workload("Pod"), workload("ReplicationController")],
  invalid: [
    {
      object: workload(
        "Deployment",
        podSpec({ containers: [container(securityContext({ allowPrivilegeEscalation: true }))] }),
      ),
      paths: [`spec.template.spec.containers[0].${field}`],
    },
    {
      object: workload("CronJob", podSpec({ initContainers: [initContainer({ securityContext: {} })] })),
      paths: [`spec.jobTemplate.spec.template.spec.initContainers[0].${field}`],
    },
  ],
};
