import { type ObjectCases, podSecurityContext, podSpec, workload } from "./case";

const sysctls = (...names: readonly string[]) =>
  podSpec(podSecurityContext({ sysctls: names.map((name) => ({ name, value: "1" })) }));

export const sysctlsSafe: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", podSpec(podSecurityContext({ sysctls: [] }))),
    workload("StatefulSet", sysctls("net.ipv4.tcp_syncookies", "net.ipv4.ip_unprivileged_port_start")),
  ],
  invalid: [
    { object: workload("Pod", sysctls("kernel.msgmax")), paths: ["spec.securityContext.sysctls[0].name"] },
    {
      object: workload("DaemonSet", sysctls("net.ipv4.tcp_rmem", "net.core.somaxconn", "net.ipv4.ip_forward")),
      paths: [
        "spec.template.spec.securityContext.sysctls[1].name",
        "spec.template.spec.securityContext.sysctls[2].name",
      ],
    },
  ],
};
