import { container, initContainer, type ObjectCases, podSpec, securityContext, workload } from "./case";

// The API server refuses a privileged container that says it cannot escalate.
const privileged = container({ securityContext: { privileged: true } });

export const noPrivileged: ObjectCases = {
  kept: [
    workload("Pod"),
    workload("Deployment", podSpec({ containers: [container(securityContext({ privileged: false }))] })),
    workload("Job", podSpec({ containers: [container({ securityContext: null })] })),
  ],
  broken: [
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
