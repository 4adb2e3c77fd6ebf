import type { Manifest } from "./object";

/** Objects that may be sent side by side. */
export interface Stage {
  readonly name: string;
  readonly objects: readonly Manifest[];
}

/** Rules are among them, so that nothing that follows is there before it is judged. */
const FOUNDATION = new Set([
  "Namespace",
  "PriorityClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
]);
const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"]);

/** Namespace of what the rest needs in order to run: the scheduler and the node controller. */
const SYSTEM_NAMESPACE = "skerry-system";

function stageOf({ kind, metadata }: Manifest): string {
  if (FOUNDATION.has(kind)) return "foundation";
  if (WORKLOADS.has(kind)) return metadata.namespace === SYSTEM_NAMESPACE ? "system" : "workloads";
  return "configuration";
}

/** Sorts objects into stages, in the order in which a cluster needs them. Empty stages are left out. */
export function stages(definitions: readonly Manifest[], objects: readonly Manifest[]): Stage[] {
  const order = ["foundation", "configuration", "system", "workloads"];
  const sorted = order.map((name) => ({ name, objects: objects.filter((object) => stageOf(object) === name) }));
  return [{ name: "definitions", objects: definitions }, ...sorted].filter((stage) => stage.objects.length > 0);
}
