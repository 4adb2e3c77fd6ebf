import {
  container,
  initContainer,
  type ObjectCases,
  podSecurityContext,
  podSpec,
  securityContext,
  workload,
} from "./case";

const pod = (seLinuxOptions: object | null) => podSpec(podSecurityContext({ seLinuxOptions }));
const one = (seLinuxOptions: object) => securityContext({ seLinuxOptions });
const field = "securityContext.seLinuxOptions";

export const selinuxConfined: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", pod(null)),
    workload("StatefulSet", pod({ level: "s0:c123,c456" })),
    workload("Job", podSpec({ containers: [container(one({ type: "container_init_t" }))] })),
    workload("DaemonSet", pod({ type: "container_engine_t" })),
  ],
  invalid: [
    {
      object: workload("Pod", pod({ type: "spc_t", user: "system_u" })),
      paths: [`spec.${field}.type`, `spec.${field}.user`],
    },
    {
      object: workload("CronJob", podSpec({ initContainers: [initContainer(one({ role: "sysadm_r" }))] })),
      paths: [`spec.jobTemplate.spec.template.spec.initContainers[0].${field}.role`],
    },
    {
      object: workload("Deployment", podSpec({ containers: [container(one({ type: "unconfined_t" }))] })),
      paths: [`spec.template.spec.containers[0].${field}.type`],
    },
  ],
};
