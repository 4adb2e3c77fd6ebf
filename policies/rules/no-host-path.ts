import type { V1PersistentVolumeSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatValue } from "../../fleet/problem";
import { quotedList } from "../admission/cel";
import { containersOf, podOf } from "../../fleet/kubernetes/containers";
import type { ObjectRule, Violation } from "../engine/rule";

/**
 * Folders of a node that are reserved for pods and contain no files of the node itself. Most pods need none of them: a claim
 * of the class `local-path` provides a separate folder.
 */
const DECLARED_FOLDERS = ["/var/lib/skerry/volumes/"] as const;

/**
 * Folders that pods may only read. Every container can already read most of `/sys`; with the node's own, a pod also sees the
 * counters of the node's network interfaces and of other pods, but neither files nor memory.
 */
const READ_ONLY_FOLDERS = ["/sys"] as const;

const isDeclared = (path: string): boolean =>
  DECLARED_FOLDERS.some((folder) => path.startsWith(folder)) && !path.split("/").includes("..");

const isReadable = (path: string): boolean => READ_ONLY_FOLDERS.some((folder) => folder === path);

/** A host path, its location in the object, and whether no container can write to it. */
interface HostPath {
  readonly folder: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** Returns the host paths of an object. */
function findHostPaths(object: KubeObject): HostPath[] {
  if (object.kind === "PersistentVolume" && object.apiVersion === "v1") {
    const { hostPath } = (object.spec ?? {}) as V1PersistentVolumeSpec;
    return hostPath ? [{ folder: hostPath.path, path: "spec.hostPath.path", readOnly: false }] : [];
  }
  const pod = podOf(object);
  const mountsOf = (volume: string) =>
    containersOf(object).flatMap(({ value: { volumeMounts = [] } }) =>
      volumeMounts.filter(({ name }) => name === volume),
    );
  return (pod?.value.volumes ?? []).flatMap(({ name, hostPath }, index) => {
    if (!hostPath) return [];
    const readOnly = mountsOf(name).every((mount) => mount.readOnly === true);
    return [{ folder: hostPath.path, path: pod!.path("volumes", index, "hostPath", "path"), readOnly }];
  });
}

export const noHostPath: ObjectRule = {
  subject: "object",
  id: "no-host-path",
  title: "Pods and PersistentVolumes mount no host path outside the declared folders, except /sys to read",
  why: "A host path outlives the pod and is shared by all pods that name it. Through it, a pod can read other pods' secrets or become root on the node.",
  severity: "error",
  remedy: `Claim a volume of the class local-path, which is also on the node's disk, or use a folder in ${DECLARED_FOLDERS.join(", ")}.`,
  check: (object): Violation[] =>
    findHostPaths(object)
      .filter(({ folder, readOnly }) => !isDeclared(folder) && !(readOnly && isReadable(folder)))
      .map(({ folder, path }) => ({
        path,
        message: isReadable(folder)
          ? `every mount of ${formatValue(folder)} must have readOnly: true`
          : `got ${formatValue(folder)}, must be a folder in ${DECLARED_FOLDERS.join(", ")}`,
      })),
  admission: {
    // PersistentVolumes are exempt: the provisioner of local-path creates such volumes for its claims.
    validations: [
      {
        // The API server itself rejects `..`.
        expression:
          `variables.pod.?volumes.orValue([]).all(v, !has(v.hostPath) || ` +
          `${quotedList(DECLARED_FOLDERS)}.exists(folder, v.hostPath.path.startsWith(folder)) || ` +
          `v.hostPath.path in ${quotedList(READ_ONLY_FOLDERS)} && ` +
          `variables.containers.all(c, c.?volumeMounts.orValue([]).all(m, m.name != v.name || m.?readOnly.orValue(false))))`,
        message: `hostPath.path must be a folder in ${DECLARED_FOLDERS.join(", ")}, or ${READ_ONLY_FOLDERS.join(", ")} with readOnly mounts.`,
      },
    ],
  },
};
