import { readVersions } from "../../components/clusters/live-versions";
import { connectToCluster } from "./connect";
import type { LiveVersions } from "./upgrade-plan";

/** Reads the versions that the nodes of a cluster run. A cluster that does not answer is no error. */
export async function readLiveVersions(cluster: string): Promise<LiveVersions> {
  try {
    return await readVersions(await connectToCluster(cluster));
  } catch (error) {
    return { problem: error instanceof Error ? error.message.split("\n")[0]! : String(error) };
  }
}
