import { existsSync } from "node:fs";
import { join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node";

import { kubeconfigFolder } from "../folders";

/**
 * Loads the kubeconfig of a cluster.
 *
 * @throws Error if the project has none
 */
export async function connectToCluster(name: string): Promise<KubeConfig> {
  const file = join(kubeconfigFolder, name);
  if (!existsSync(file))
    throw new Error(`no kubeconfig of cluster ${name} in ${kubeconfigFolder}; run skerry kubeconfig`);
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  config.loadFromFile(file);
  return config;
}
