import { compareWithCluster } from "../../../fleet/existing/compare";
import { type Difference, error, inCluster, warning } from "../../../fleet/existing/difference";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../../fleet/model";
import { type ClusterOwner, readOwner } from "./cluster-owner";
import { inspectCluster, loadConfig, Unreachable } from "./inspect";
import { findOccupiedNames } from "./occupied-names";

/** What was found in one cluster. Paths start at the fleet. */
export interface Findings {
  /** UID of the namespace kube-system. Empty if the cluster could not be read, which is among the differences. */
  readonly uid: string;
  /** The stack that manages the cluster, as the cluster records it. @default - none */
  readonly recorded?: ClusterOwner | undefined;
  readonly differences: readonly Difference[];
}

/**
 * Compares an existing cluster with what a fleet states about it. The cluster is only read. If it cannot be read, this is an
 * error, unless it does not answer: the other clusters must not wait for it.
 *
 * @param path path of the cluster in the fleet
 * @param objects the objects that will be applied, whose names must not be taken
 */
export async function findDifferences(
  kubeconfig: string,
  cluster: ClusterSpec,
  path: string,
  objects: readonly KubeObject[],
): Promise<Findings> {
  try {
    const { CoreV1Api } = await import("@kubernetes/client-node");
    const config = await loadConfig(kubeconfig);
    const observed = await inspectCluster(config);
    const recorded = await readOwner(config.makeApiClient(CoreV1Api));
    const occupied = await findOccupiedNames(config, cluster, objects);
    const differences = inCluster(path, [...compareWithCluster(cluster, observed), ...occupied]);
    return { uid: observed.uid, ...(recorded && { recorded }), differences };
  } catch (problem) {
    const message = problem instanceof Error ? problem.message : String(problem);
    const report = problem instanceof Unreachable ? warning : error;
    return { uid: "", differences: inCluster(path, [report("kubeconfig", message)]) };
  }
}
