import { setTimeout as sleep } from "node:timers/promises";

import { describeFailure, isApiError, loadKubeconfig } from "./kubeconfig";

/** Time limit of one attempt, in ms. */
const ATTEMPT_MS = 5_000;
/** How long attempts are repeated, in ms. A control plane that is just starting gets this long to answer. */
const PATIENCE_MS = 15_000;

/**
 * Checks whether a Kubernetes API answers. Any HTTP response counts, also one that denies access: then the cluster is
 * reachable, and an update can renew the credentials.
 *
 * @returns undefined if it answers, else the reason why it does not
 */
export async function findObstacle(kubeconfig: string, patienceMs = PATIENCE_MS): Promise<string | undefined> {
  const { VersionApi } = await import("@kubernetes/client-node");
  const deadline = Date.now() + patienceMs;
  try {
    const api = (await loadKubeconfig(kubeconfig, ATTEMPT_MS)).makeApiClient(VersionApi);
    for (;;) {
      try {
        await api.getCode();
        return undefined;
      } catch (error) {
        if (isApiError(error)) return undefined;
        if (Date.now() >= deadline) return describeFailure(error);
        await sleep(500);
      }
    }
  } catch (error) {
    return describeFailure(error);
  }
}
