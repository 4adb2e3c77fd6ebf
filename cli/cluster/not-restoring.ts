import type { Stack } from "@pulumi/pulumi/automation";

import { findClusters } from "../pulumi/clusters";
import { findUnfinishedRestore, type RestorableState } from "./deployed-servers";

/**
 * Checks that no cluster of a stack is being restored. An update would delete the order of the restore, and the servers would wait
 * for a cluster that does not come.
 *
 * @throws Error that names the command which continues
 */
export async function checkNotRestoring(stack: Stack): Promise<void> {
  const state = (await stack.exportStack()).deployment as RestorableState;
  const lines = findClusters(state.resources ?? []).flatMap(({ name }) => {
    const unfinished = findUnfinishedRestore(state, name);
    return unfinished ? [`  finish the restore first: skerry cluster restore ${name} ${unfinished.snapshot}`] : [];
  });
  if (lines.length > 0) throw new Error(`nothing was changed:\n${lines.join("\n")}`);
}
