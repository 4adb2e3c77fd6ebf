import type { V1PersistentVolumeSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatValue } from "../../fleet/problem";
import { quotedList } from "../admission/cel";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule, Violation } from "../engine/rule";

/**
 * Folders of a node that a pod may name: what is declared to be there for pods, and holds nothing of the node itself.
 * Usually a pod needs none of them: a claim of the class `local-path` gives it a folder of its own.
 */
export const DECLARED_FOLDERS = ["/var/lib/skerry/volumes/"] as const;

const declared = (path: string): boolean =>
  DECLARED_FOLDERS.some((folder) => path.startsWith(folder)) && !path.split("/").includes("..");

/** Folders of a node that an object names, and where. */
function hostPaths(object: KubeObject): { readonly folder: string; readonly path: string }[] {
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
  title: "No pod or PersistentVolume mounts a folder of a node, other than the declared local volumes",
  why: "A folder of the node outlives the pod and is shared with whoever names it: through it a pod reads other pods' secrets, or becomes root on the node.",
  severity: "error",
  remedy: `Claim a volume of the class local-path, which is on the node's own disk too, or use a folder in ${DECLARED_FOLDERS.join(", ")}.`,
  check: (object): Violation[] =>
    hostPaths(object)
      .filter(({ folder }) => !declared(folder))
      .map(({ folder, path }) => ({
        path,
        message: `got ${formatValue(folder)}, allowed is a folder in ${DECLARED_FOLDERS.join(", ")}`,
      })),
  admission: {
    // PersistentVolumes are left out: the provisioner of local-path makes such volumes for its claims.
    validations: [
      {
        // The API server refuses `..` by itself.
        expression:
          `variables.pod.?volumes.orValue([]).all(v, !has(v.hostPath) || ` +
          `${quotedList(DECLARED_FOLDERS)}.exists(folder, v.hostPath.path.startsWith(folder)))`,
        message: "A volume is a folder of the node.",
      },
    ],
  },
};
