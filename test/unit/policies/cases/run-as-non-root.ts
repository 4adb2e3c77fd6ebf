import {
  container,
  initContainer,
  type ObjectCases,
  podSecurityContext,
  podSpec,
  securityContext,
  workload,
} from "./case";

const at = "spec.template.spec.containers[0].securityContext";

export const runAsNonRoot: ObjectCases = {
  valid: [
    workload("Deployment"),
    workload("Pod", podSpec(podSecurityContext({ runAsUser: null }))),
    workload("Job", podSpec({ securityContext: {}, containers: [container(securityContext({ runAsNonRoot: true }))] })),
    workload(
      "DaemonSet",
      podSpec({
        ...podSecurityContext({ runAsUser: 0 }),
        containers: [container(securityContext({ runAsUser: 1000 }))],
      }),
    ),
  ],
  invalid: [
    { object: workload("Deployment", podSpec({ securityContext: {} })), paths: [`${at}.runAsNonRoot`] },
    { object: workload("ReplicaSet", podSpec(podSecurityContext({ runAsUser: 0 }))), paths: [`${at}.runAsUser`] },
    {
      object: workload(
        "StatefulSet",
        podSpec({ containers: [container(securityContext({ runAsNonRoot: false, runAsUser: 0 }))] }),
      ),
      paths: [`${at}.runAsNonRoot`, `${at}.runAsUser`],
    },
    {
      object: workload(
        "Pod",
        podSpec({
          securityContext: null,
          initContainers: [initContainer()],
          containers: [container(securityContext({ runAsNonRoot: true }))],
        }),
      ),
      paths: ["spec.initContainers[0].securityContext.runAsNonRoot"],
    },
  ],
};
