import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout (or installed package) that this file belongs to. */
export const projectRoot = resolve(__dirname, "..");

/** Everything that a run leaves behind in a checkout. `SKERRY_HOME` moves it. */
export const skerryHome = process.env.SKERRY_HOME ? resolve(process.env.SKERRY_HOME) : join(projectRoot, ".skerry");

/** The lab's one state folder. */
export const labState = join(skerryHome, "lab");

/** One kubeconfig a cluster, named as the cluster. */
export const kubeconfigFolder = join(skerryHome, "kubeconfig");

/** Built tools of this user, shared by all checkouts: `$XDG_CACHE_HOME/skerry/tools`. */
export const toolCache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skerry", "tools");
