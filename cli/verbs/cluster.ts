import { createRequire } from "node:module";

import type { Command } from "commander";

import type * as restoring from "../cluster/restore";
import type * as running from "../cluster/run";
import { LOCAL_STACK } from "../project";

// The clients are large: other verbs do not load them.
const load = (): typeof running => createRequire(__filename)("../cluster/run") as typeof running;
const loadRestore = (): typeof restoring => createRequire(__filename)("../cluster/restore") as typeof restoring;

interface RestoreFlags {
  readonly stack: string;
  readonly check?: boolean;
  readonly yes?: boolean;
}

const STACK = ["-s, --stack <name>", "name of the stack", LOCAL_STACK] as const;

/** `skerry cluster`: snapshots and upgrades of clusters. */
export function clusterVerb(program: Command): void {
  const cluster = program
    .command("cluster")
    .description("list, take and restore snapshots of a cluster, and plan upgrades");

  cluster
    .command("list")
    .description("list the snapshots of a cluster, and what an outage now would lose")
    .argument("<cluster>", "name of the cluster")
    .option("--json", "print JSON (version 1)")
    .option(...STACK)
    .action((name: string, { stack, json = false }: { stack: string; json?: boolean }) =>
      load().listClusterSnapshots(stack, name, json),
    );

  cluster
    .command("backup")
    .description("take a snapshot of a cluster now, and store it in its bucket")
    .argument("<cluster>", "name of the cluster")
    .option(...STACK)
    .action((name: string, { stack }: { stack: string }) => load().backUpCluster(stack, name));

  cluster
    .command("restore")
    .description("replace the servers of a cluster by new ones with the data of a snapshot")
    .argument("<cluster>", "name of the cluster")
    .argument("<snapshot>", "name of the snapshot, as skerry cluster list shows it")
    .option("--check", "only check that the snapshot can be restored; nothing is stopped or changed")
    .option("-y, --yes", "do not ask")
    .option(...STACK)
    .addHelpText("after", "\nAn interrupted restore continues when the same command runs again.")
    .action((name: string, snapshot: string, { stack, check = false, yes = false }: RestoreFlags) =>
      loadRestore().restoreCluster({ stack, cluster: name, snapshot, check, yes }),
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
