import type { KubeObject } from "../../fleet/kubernetes/object";

/** What runs in one cluster. */
export interface ClusterSubject {
  /** Absent where objects are looked at that go to no known cluster. */
  readonly name?: string;
  /** `major.minor.patch`. */
  readonly kubernetesVersion: string;
  /** What is judged. */
  readonly objects: readonly KubeObject[];
  /** What else is in the cluster: known to the rules, not judged. @default [] */
  readonly context?: readonly KubeObject[];
}
