import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { skerryHome } from "../components/nodes/lab/client";

export { labState, skerryHome } from "../components/nodes/lab/client";

/** The checkout (or installed package) that this file belongs to. */
export const projectRoot = resolve(__dirname, "..");

/** One kubeconfig a cluster, named as the cluster. */
export const kubeconfigFolder = join(skerryHome, "kubeconfig");

/** Built tools of this user, shared by all checkouts: `$XDG_CACHE_HOME/skerry/tools`. */
export const toolCache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skerry", "tools");
