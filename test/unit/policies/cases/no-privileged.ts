import { container, initContainer, type ObjectCases, podSpec, securityContext, windowsPodSpec, workload } from "./case";

// The API server refuses a privileged container that says it cannot escalate.
const privileged = container({ securityContext: { privileged: true } });

export const noPrivileged: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", podSpec({ containers: [container(securityContext({ privileged: false }))] })),
    workload("Job", podSpec({ containers: [container({ securityContext: null })] })),
    workload("Pod", windowsPodSpec()),
  ],
  invalid: [
    {
      object: workload(
        "DaemonSet",
        windowsPodSpec({
          hostNetwork: true,
          securityContext: {
            runAsNonRoot: true,
            windowsOptions: { hostProcess: true, runAsUserName: "NT AUTHORITY\\SYSTEM" },
          },
        }),
      ),
      paths: ["spec.template.spec.securityContext.windowsOptions.hostProcess"],
    },
    {
      object: workload(
        "Pod",
        windowsPodSpec({
          hostNetwork: true,
          containers: [container({ securityContext: { windowsOptions: { hostProcess: true } } })],
        }),
      ),
      paths: ["spec.containers[0].securityContext.windowsOptions.hostProcess"],
    },
    {
      object: workload(
        "Pod",
        podSpec({
          ephemeralContainers: [{ name: "look", image: "busybox:1.37", securityContext: { privileged: true } }],
        }),
      ),
      paths: ["spec.ephemeralContainers[0].securityContext.privileged"],
    },
    {
      object: workload("Pod", podSpec({ containers: [privileged] })),
      paths: ["spec.containers[0].securityContext.privileged"],
    },
    {
      object: workload(
        "StatefulSet",
        podSpec({
          initContainers: [initContainer(privileged)],
          containers: [container(), { ...privileged, name: "side" }],
        }),
      ),
      paths: [
        "spec.template.spec.initContainers[0].securityContext.privileged",
        "spec.template.spec.containers[1].securityContext.privileged",
      ],
    },
  ],
};
