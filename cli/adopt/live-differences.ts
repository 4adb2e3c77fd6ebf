import { inspectCluster, loadConfig } from "../../components/nodes/existing/inspect";
import { readKubeconfig } from "../../components/nodes/existing/kubeconfig";
import { compareWithCluster } from "../../fleet/existing/compare";
import { type Difference, error, inCluster, warning } from "../../fleet/existing/difference";
import type { ClusterSpec, Fleet } from "../../fleet/model";

/** Compares a cluster with what the fleet states about it. Paths are relative to the cluster. */
async function compare(cluster: ClusterSpec): Promise<Difference[]> {
  const { path, secret, context } = cluster.kubeconfig!;
  if (path === undefined) {
    return [warning("kubeconfig", `not compared: only a stack can read the secret "${secret}" of its configuration`)];
  }
  try {
    const config = await loadConfig(readKubeconfig(path, context));
    return compareWithCluster(cluster, await inspectCluster(config));
  } catch (problem) {
    return [error("kubeconfig", (problem as Error).message)];
  }
}

/** Compares the existing clusters of a fleet with what it states about them. Clusters are only read. */
export async function findLiveDifferences({ clusters }: Fleet): Promise<Difference[]> {
  const found = await Promise.all(
    clusters.map(async (cluster, index) =>
      cluster.kubeconfig ? inCluster(`clusters[${index}]`, await compare(cluster)) : [],
    ),
  );
  return found.flat();
}
