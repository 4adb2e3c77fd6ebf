import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const PROBES = ["livenessProbe", "readinessProbe"] as const;

/** Restart policy of long-running pods. The pods of Jobs have another one. */
const ALWAYS = "Always";

export const probes: ObjectRule = {
  subject: "object",
  id: "probes",
  title: "Long-running containers have liveness and readiness probes",
  why: "Without probes, a hung program is not restarted, and a program receives traffic before it can serve it. Edge sites often have no staff who would notice.",
  severity: "warning",
  remedy: "Add a livenessProbe and a readinessProbe, with httpGet, tcpSocket, grpc or exec.",
  check(object) {
    const pod = podOf(object);
    if (!pod || (pod.value.restartPolicy ?? ALWAYS) !== ALWAYS) return [];
    return (pod.value.containers ?? []).flatMap((container, index) =>
      PROBES.filter((probe) => !container[probe]).map((probe) => ({
        path: pod.path("containers", index, probe),
        message: "must be set",
      })),
    );
  },
  admission: {
    validations: PROBES.map((probe) => ({
      expression:
        `variables.pod.?restartPolicy.orValue("${ALWAYS}") != "${ALWAYS}" || ` +
        `variables.pod.containers.all(c, has(c.${probe}))`,
      message: `${probe} must be set in every long-running container.`,
    })),
  },
};
