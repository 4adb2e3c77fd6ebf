import { shown } from "../../fleet/problem";
import { quotedList } from "../admission/cel";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Sysctls that are namespaced and do not affect other pods. Source: k8s.io/pod-security-admission, sysctls, Kubernetes 1.36. */
const SAFE = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
] as const;

export const sysctlsSafe: ObjectRule = {
  subject: "object",
  id: "sysctls-safe",
  title: "Pods set only safe sysctls",
  why: "Other sysctls change the kernel for every pod on the node or disable its protections. The kubelet rejects them by default.",
  severity: "error",
  remedy: "Remove the sysctl, or set it on the nodes that need it.",
  check(object) {
    const pod = podOf(object);
    return (pod?.value.securityContext?.sysctls ?? []).flatMap(({ name }, index) =>
      (SAFE as readonly string[]).includes(name)
        ? []
        : [
            {
              path: pod!.path("securityContext", "sysctls", index, "name"),
              message: `got ${shown(name)}, must be one of ${SAFE.join(", ")}`,
            },
          ],
    );
  },
  admission: {
    validations: [
      {
        expression: `variables.pod.?securityContext.?sysctls.orValue([]).all(s, s.name in ${quotedList(SAFE)})`,
        message: "securityContext.sysctls must contain only safe sysctls.",
      },
    ],
  },
};
