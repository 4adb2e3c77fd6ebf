import { createRequire } from "node:module";

import type { Command } from "commander";

import type * as running from "../cluster/run";
import { LOCAL_STACK } from "../project";

// The clients are large: other verbs do not load them.
const load = (): typeof running => createRequire(__filename)("../cluster/run") as typeof running;

const STACK = ["-s, --stack <name>", "name of the stack", LOCAL_STACK] as const;

/** `skerry cluster`: snapshots and upgrades of clusters. */
export function clusterVerb(program: Command): void {
  const cluster = program
    .command("cluster")
    .description("list, take and check snapshots of a cluster, and plan upgrades");

  cluster
    .command("list")
    .description("list the snapshots of a cluster, and what an outage now would lose")
    .argument("<cluster>", "name of the cluster")
    .option("--json", "print JSON (version 1)")
    .action((name: string, { json }: { json?: boolean }) => load().listClusterSnapshots(name, json ?? false));

  cluster
    .command("backup")
    .description("take a snapshot of a cluster now, and store it in its bucket")
    .argument("<cluster>", "name of the cluster")
    .option(...STACK)
    .action((name: string, { stack }: { stack: string }) => load().backUpCluster(stack, name));

  cluster
    .command("restore")
    .description("check that a snapshot can be restored; nothing is stopped or changed")
    .argument("<cluster>", "name of the cluster")
    .argument("<snapshot>", "name of the snapshot, as skerry cluster list shows it")
    .requiredOption("--check", "only check; this release does not carry out a restore (docs/backup.md)")
    .option(...STACK)
    .action((name: string, snapshot: string, { stack }: { stack: string }) =>
      load().checkClusterRestore(stack, name, snapshot),
    );

  cluster
    .command("upgrade")
    .description("show the order in which clusters change to the K3s versions of the fleet; skerry up carries it out")
    .requiredOption("--plan", "show clusters, waves, nodes, windows and batches")
    .option("--json", "print JSON (version 1)")
    .option(...STACK)
    .addHelpText("after", "\nExit code: 1 if an upgrade would be refused, else 0.")
    .action(async ({ stack, json }: { stack: string; json?: boolean }) => {
      process.exitCode = await load().printUpgradePlan(stack, json ?? false);
    });
}
