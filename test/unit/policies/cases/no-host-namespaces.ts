import { container, type ObjectCases, podSpec, workload } from "./case";

const port = (hostPort: number | null) => container({ ports: [{ containerPort: 8080, hostPort }] });

export const noHostNamespaces: ObjectCases = {
  valid: [
    workload("Deployment", podSpec({ containers: [port(null)] })),
    workload("Pod", podSpec({ hostNetwork: false, hostPID: null, shareProcessNamespace: true })),
    workload("Job", podSpec({ containers: [port(0)] })),
  ],
  invalid: [
    { object: workload("DaemonSet", podSpec({ hostNetwork: true })), paths: ["spec.template.spec.hostNetwork"] },
    { object: workload("Pod", podSpec({ hostPID: true, hostIPC: true })), paths: ["spec.hostPID", "spec.hostIPC"] },
    {
      object: workload("StatefulSet", podSpec({ containers: [container(), { ...port(8080), name: "side" }] })),
      paths: ["spec.template.spec.containers[1].ports[0].hostPort"],
    },
  ],
};
