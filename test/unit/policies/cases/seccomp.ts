import {
  container,
  initContainer,
  type ObjectCases,
  podSecurityContext,
  podSpec,
  securityContext,
  workload,
} from "./case";

const profile = (seccompProfile: object | null) => securityContext({ seccompProfile });
const field = "securityContext.seccompProfile.type";

export const seccomp: ObjectCases = {
  valid: [
    workload("Pod"),
    workload(
      "Deployment",
      podSpec({
        ...podSecurityContext({ seccompProfile: null }),
        containers: [container(profile({ type: "RuntimeDefault" }))],
      }),
    ),
    workload(
      "DaemonSet",
      podSpec(podSecurityContext({ seccompProfile: { type: "Localhost", localhostProfile: "gateway.json" } })),
    ),
  ],
  invalid: [
    {
      object: workload("Deployment", podSpec({ securityContext: { runAsNonRoot: true } })),
      paths: [`spec.template.spec.containers[0].${field}`],
    },
    {
      object: workload("Pod", podSpec({ containers: [container(profile({ type: "Unconfined" }))] })),
      paths: [`spec.containers[0].${field}`],
    },
    {
      object: workload(
        "Job",
        podSpec({
          ...podSecurityContext({ seccompProfile: { type: "Unconfined" } }),
          initContainers: [initContainer({ ...profile({ type: "RuntimeDefault" }) })],
        }),
      ),
      paths: [`spec.template.spec.containers[0].${field}`],
    },
  ],
};
