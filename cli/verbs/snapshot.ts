import { createRequire } from "node:module";

import type { Command } from "commander";

import type * as taking from "../snapshot/take-snapshot";

/** `skerry snapshot`: what runs in every cluster, for previews to start from. */
export function snapshotVerb(program: Command): void {
  program
    .command("snapshot")
    .description("write which pods run on which nodes of every cluster to a file; clusters are only read")
    .requiredOption("--output <file>", "file that receives the snapshot, readable by its owner only")
    .addHelpText(
      "after",
      "\nReads the clusters that have a kubeconfig in .skerry/kubeconfig. The snapshot holds no Secrets, environment variables,\ncommands or arguments. Use it with skerry preview --snapshot <file>.",
    )
    .action(async ({ output }: { output: string }) => {
      const { takeSnapshot, writeSnapshot } = createRequire(__filename)("../snapshot/take-snapshot") as typeof taking;
      const snapshot = await takeSnapshot();
      await writeSnapshot(output, snapshot);
      const pods = snapshot.clusters.reduce((sum, cluster) => sum + cluster.pods.length, 0);
      const nodes = snapshot.clusters.reduce((sum, cluster) => sum + cluster.nodes.length, 0);
      process.stderr.write(
        `  ${snapshot.clusters.length} clusters, ${nodes} nodes, ${pods} pods at ${snapshot.takenAt}\n`,
      );
    });
}
