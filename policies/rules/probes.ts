import { podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule } from "../engine/rule";

const PROBES = ["livenessProbe", "readinessProbe"] as const;

/** Long-running is what is started again whenever it ends; that tells Jobs and their pods from the rest. */
const ALWAYS = "Always";

export const probes: ObjectRule = {
  subject: "object",
  id: "probes",
  title: "Every long-running container says whether it lives and whether it is ready",
  why: "A program that hangs is never started again, and gets traffic before it can answer; at the edge nobody is there to see it.",
  severity: "warning",
  remedy: "Add a livenessProbe and a readinessProbe, by httpGet, tcpSocket, grpc or exec.",
  check(object) {
    const pod = podOf(object);
    if (!pod || (pod.value.restartPolicy ?? ALWAYS) !== ALWAYS) return [];
    return (pod.value.containers ?? []).flatMap((container, index) =>
      PROBES.filter((probe) => !container[probe]).map((probe) => ({
        path: pod.path("containers", index, probe),
        message: "got nothing, allowed is a probe",
      })),
    );
  },
  admission: {
    validations: PROBES.map((probe) => ({
      expression:
        `variables.pod.?restartPolicy.orValue("${ALWAYS}") != "${ALWAYS}" || ` +
        `variables.pod.containers.all(c, has(c.${probe}))`,
      message: `A container has no ${probe}.`,
    })),
  },
};
