import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node";
import type { OutputMap } from "@pulumi/pulumi/automation";

import { loadKubeconfig } from "../components/clusters/kubeconfig";
import { kubeconfigFolder } from "./folders";

/** Writes one kubeconfig per cluster of a stack (mode 0600) and removes those of deleted clusters. */
export async function writeKubeconfigs(outputs: OutputMap): Promise<string[]> {
  const kubeconfigs = (outputs.kubeconfigs?.value ?? {}) as Record<string, string>;
  await mkdir(kubeconfigFolder, { recursive: true, mode: 0o700 });
  for (const file of await readdir(kubeconfigFolder)) {
    if (!(file in kubeconfigs)) await rm(join(kubeconfigFolder, file));
  }
  for (const [cluster, text] of Object.entries(kubeconfigs)) {
    await writeFile(join(kubeconfigFolder, cluster), text, { mode: 0o600 });
  }
  return Object.keys(kubeconfigs).sort();
}

/** Reads the kubeconfig of a cluster that {@link writeKubeconfigs} wrote. Secret. */
export const readKubeconfig = (cluster: string): Promise<string> => readFile(join(kubeconfigFolder, cluster), "utf8");

/** Loads the kubeconfig of a cluster that {@link writeKubeconfigs} wrote. */
export const openKubeconfig = async (cluster: string): Promise<KubeConfig> =>
  loadKubeconfig(await readKubeconfig(cluster));
