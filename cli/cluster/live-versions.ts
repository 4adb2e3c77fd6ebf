import { toClusterVersions } from "../../components/clusters/upgrade-preflight-operations";
import { connectToCluster } from "./connect";
import type { LiveVersions } from "./upgrade-plan";

/** Reads the versions that the nodes of a cluster run. A cluster that does not answer is no error. */
export async function readLiveVersions(cluster: string): Promise<LiveVersions> {
  try {
    const config = await connectToCluster(cluster);
    const { CoreV1Api } = await import("@kubernetes/client-node");
    return toClusterVersions((await config.makeApiClient(CoreV1Api).listNode()).items);
  } catch (error) {
    return { problem: error instanceof Error ? error.message.split("\n")[0]! : String(error) };
  }
}
