import { homedir } from "node:os";
import { join } from "node:path";

import { skerryHome } from "../components/nodes/lab/state-folder";
import { projectFolder } from "../components/project-folder";

export { labState, skerryHome } from "../components/nodes/lab/state-folder";
export { packageFolder } from "../fleet/package-folder";

/**
 * The project that a verb works on: a team's repository, or a checkout of Skerry.
 *
 * @throws Error when the working folder is in neither
 */
export function projectRoot(): string {
  if (projectFolder) return projectFolder;
  throw new Error(`no Pulumi.yaml in ${process.cwd()} or above it: "skerry init" makes a project`);
}

/** Skerry's rules in the plan; compiled in an installed package, as everything else. */
export const policyPack = join(__dirname, "..", "policies");

/** One kubeconfig a cluster, named as the cluster. */
export const kubeconfigFolder = join(skerryHome, "kubeconfig");

/** Built tools of this user, shared by all checkouts: `$XDG_CACHE_HOME/skerry/tools`. */
export const toolCache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skerry", "tools");
