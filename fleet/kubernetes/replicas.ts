import type { KubeObject } from "./object";

/** Kinds that keep a number of equal pods running. */
const REPLICATED: readonly string[] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

/** Reports whether objects of a kind keep a number of equal pods running. */
export const isReplicatedKind = (kind: string): boolean => REPLICATED.includes(kind);

/** Reports whether objects of a kind run one pod on each node that fits. A scheduler has no choice there. */
export const isPerNodeKind = (kind: string): boolean => kind === "DaemonSet";

interface Spec {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly completions?: number;
  readonly jobTemplate?: { readonly spec?: Spec };
}

const countOfJob = ({ parallelism = 1, completions = parallelism }: Spec): number => Math.min(parallelism, completions);

/** Returns how many pods an object runs at a time, by its own fields; `per-node` for a DaemonSet. */
export function countReplicas({ kind, spec }: KubeObject): number | "per-node" {
  if (isPerNodeKind(kind)) return "per-node";
  const fields = (spec ?? {}) as Spec;
  switch (kind) {
    case "Pod":
      return 1;
    case "Job":
      return countOfJob(fields);
    case "CronJob":
      return countOfJob(fields.jobTemplate?.spec ?? {});
    default:
      return fields.replicas ?? 1;
  }
}
