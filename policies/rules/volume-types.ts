import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** Volume types that a pod may use directly. Source: k8s.io/pod-security-admission, restrictedVolumes, Kubernetes 1.36. */
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
/** no-host-path checks this type. */
const HOST_PATH = "hostPath";

const isAllowed = (field: string): boolean => [...ALLOWED, HOST_PATH, "name"].includes(field);

export const volumeTypes: ObjectRule = {
  subject: "object",
  id: "volume-types",
  title: "Pods use network storage only through claims",
  why: "A pod that names a server, a path and credentials mounts whatever they give access to. A claim provides only what an administrator offers.",
  severity: "error",
  remedy: "Use a persistentVolumeClaim, and name the storage in its StorageClass or in a PersistentVolume.",
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
        // The API server has already defaulted a volume without a type to emptyDir.
        expression:
          "variables.pod.?volumes.orValue([]).all(v, " +
          `${[...ALLOWED, HOST_PATH].map((type) => `has(v.${type})`).join(" || ")})`,
        message: `A volume must be one of ${ALLOWED.join(", ")}.`,
      },
    ],
  },
};
