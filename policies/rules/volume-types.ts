import { podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule } from "../engine/rule";

/** What a pod may state itself. Source: k8s.io/pod-security-admission, restrictedVolumes, Kubernetes 1.36. */
const ALLOWED = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const;
/** A rule of its own looks at these. */
const HOST_PATH = "hostPath";

const isAllowed = (field: string): boolean => [...ALLOWED, HOST_PATH, "name"].includes(field);

export const volumeTypes: ObjectRule = {
  subject: "object",
  id: "volume-types",
  title: "Pods reach storage of the network through claims, not by its address",
  why: "Who may state a server, a path and an account in a pod mounts whatever those give away; a claim gets what the cluster's administrator offers.",
  severity: "error",
  remedy: "State a persistentVolumeClaim, and let its class or an administrator's PersistentVolume name the storage.",
  check(object) {
    const pod = podOf(object);
    return (pod?.value.volumes ?? []).flatMap((volume, index) =>
      Object.entries(volume)
        .filter(([field, value]) => value !== null && value !== undefined && !isAllowed(field))
        .map(([field]) => ({
          path: pod!.path("volumes", index, field),
          message: `got ${field}, must be one of ${ALLOWED.join(", ")}`,
        })),
    );
  },
  admission: {
    validations: [
      {
        // A volume without any is an emptyDir by default, which the API server has filled in.
        expression:
          "variables.pod.?volumes.orValue([]).all(v, " +
          `${[...ALLOWED, HOST_PATH].map((type) => `has(v.${type})`).join(" || ")})`,
        message: "A volume names storage of the network itself.",
      },
    ],
  },
};
