import type { V1PersistentVolumeSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatValue } from "../../fleet/problem";
import { quotedList } from "../admission/cel";
import { podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule, Violation } from "../engine/rule";

/**
 * Folders of a node that are reserved for pods and contain no files of the node itself. Most pods need none of them: a claim
 * of the class `local-path` provides a separate folder.
 */
const DECLARED_FOLDERS = ["/var/lib/skerry/volumes/"] as const;

const isDeclared = (path: string): boolean =>
  DECLARED_FOLDERS.some((folder) => path.startsWith(folder)) && !path.split("/").includes("..");

/** Returns the host paths of an object, each with its location in the object. */
function findHostPaths(object: KubeObject): { readonly folder: string; readonly path: string }[] {
  if (object.kind === "PersistentVolume" && object.apiVersion === "v1") {
    const { hostPath } = (object.spec ?? {}) as V1PersistentVolumeSpec;
    return hostPath ? [{ folder: hostPath.path, path: "spec.hostPath.path" }] : [];
  }
  const pod = podOf(object);
  return (pod?.value.volumes ?? []).flatMap(({ hostPath }, index) =>
    hostPath ? [{ folder: hostPath.path, path: pod!.path("volumes", index, "hostPath", "path") }] : [],
  );
}

export const noHostPath: ObjectRule = {
  subject: "object",
  id: "no-host-path",
  title: "Pods and PersistentVolumes mount no host path outside the declared folders",
  why: "A host path outlives the pod and is shared by all pods that name it. Through it, a pod can read other pods' secrets or become root on the node.",
  severity: "error",
  remedy: `Claim a volume of the class local-path, which is also on the node's disk, or use a folder in ${DECLARED_FOLDERS.join(", ")}.`,
  check: (object): Violation[] =>
    findHostPaths(object)
      .filter(({ folder }) => !isDeclared(folder))
      .map(({ folder, path }) => ({
        path,
        message: `got ${formatValue(folder)}, must be a folder in ${DECLARED_FOLDERS.join(", ")}`,
      })),
  admission: {
    // PersistentVolumes are exempt: the provisioner of local-path creates such volumes for its claims.
    validations: [
      {
        // The API server itself rejects `..`.
        expression:
          `variables.pod.?volumes.orValue([]).all(v, !has(v.hostPath) || ` +
          `${quotedList(DECLARED_FOLDERS)}.exists(folder, v.hostPath.path.startsWith(folder)))`,
        message: `hostPath.path must be a folder in ${DECLARED_FOLDERS.join(", ")}.`,
      },
    ],
  },
};
