import { isDeepStrictEqual } from "node:util";

import type { K3sInstallation } from "../../fleet/k3s/release";
import { compareK3sVersions, parseK3sVersion } from "../../fleet/k3s/version";
import type { Operations } from "../dynamic";
import { readVersions } from "./live-versions";
import { loadKubeConfig } from "./load-kubeconfig";

interface Inputs {
  readonly kubeconfig: string;
  /** The release that the cluster states. */
  readonly release: K3sInstallation;
}

interface Outputs extends Inputs {
  /** The release that new agents install. */
  readonly installed: K3sInstallation;
}

/** Whether every server runs a version, or a newer one. A cluster that does not answer counts as one whose servers do not. */
async function doServersRun(kubeconfig: string, version: string): Promise<boolean> {
  const wanted = parseK3sVersion(version);
  const { servers } = await loadKubeConfig(kubeconfig)
    .then(readVersions)
    .catch(() => ({ servers: [] }));
  return (
    servers.length > 0 &&
    servers.every((server) => {
      const runs = parseK3sVersion(server.version);
      return wanted !== undefined && runs !== undefined && compareK3sVersions(runs, wanted) >= 0;
    })
  );
}

/** Returns the release that new agents install from now on. */
async function decide({ installed }: Outputs, { kubeconfig, release }: Inputs): Promise<K3sInstallation> {
  const isSame = installed.version === release.version;
  return isSame || (await doServersRun(kubeconfig, release.version)) ? release : installed;
}

/** Keeps the release of new agents at that of the servers until they have been upgraded. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes: olds.kubeconfig !== news.kubeconfig || !isDeepStrictEqual(await decide(olds, news), olds.installed),
  }),
  create: async (inputs) => ({ id: inputs.release.version, outs: { ...inputs, installed: inputs.release } }),
  update: async (_id, olds, news) => ({ outs: { ...news, installed: await decide(olds, news) } }),
};
