import { homedir } from "node:os";
import { join } from "node:path";

import { skerryHome } from "../components/nodes/lab/state-folder";
import { projectFolder } from "../components/project-folder";

export { labState, skerryHome } from "../components/nodes/lab/state-folder";
export { packageFolder } from "../fleet/package-folder";

/**
 * Returns the folder of the current project: a team's repository or a checkout of Skerry.
 *
 * @throws Error if the working directory is not in a project
 */
export function projectRoot(): string {
  if (projectFolder) return projectFolder;
  throw new Error(
    `no Pulumi.yaml found in ${process.cwd()} or its parent directories; create a project with "skerry init"`,
  );
}

/** Folder of the policy pack for Pulumi. */
export const policyPack = join(__dirname, "..", "policies");

/** Folder with one kubeconfig per cluster, named after the cluster. */
export const kubeconfigFolder = join(skerryHome, "kubeconfig");

/** Cache of built tools, shared by all projects of the user: `$XDG_CACHE_HOME/skerry/tools`. */
export const toolCache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skerry", "tools");
