import { createRequire } from "node:module";

import type { Command } from "commander";

import type { FitOptions } from "../preview/options";
import type * as running from "../preview/run-fit";
import { addStackOptions } from "../preview/stack-options";

const HELP = `
<workload> is <kind>/<name>, <namespace>/<name> or <name>, of a Deployment, StatefulSet, ReplicaSet or Job. =<number> is how
many pods of it are added at once; several workloads are a mix, of which each round adds these numbers. Pods are added to
those that run, in every cluster that has all workloads. They preempt no others.

--add-pool takes pool=<name>,count=<number> for more nodes of an existing pool, or region=<name>,device=<name>,count=<number>
for a new one, which may also have cluster, name, zone, role and edgeNodeType.

Examples:
  $ skerry fit deployment/dashboard --max
  $ skerry fit deployment/dashboard=20 --cluster tokyo             do 20 more fit?
  $ skerry fit deployment/dashboard=2 deployment/anomaly-detector-tokyo=1 --max
  $ skerry fit deployment/anomaly-detector-tokyo --max --add-pool region=tokyo,device=raspberry-pi-5,count=4
  $ skerry fit deployment/anomaly-detector-tokyo --max --add-pool pool=tokyo-jetson,count=2 --format json

Exit code: 0 if a round fits; 2 if none does; 1 on an error.`;

/** `skerry fit <workload...>`: how many more pods fit, and what keeps the next one out. */
export function fitVerb(program: Command): void {
  addStackOptions(
    program
      .command("fit <workload...>")
      .description(
        "show whether more pods of a workload or a mix fit, with --max how many, and what the bottleneck is",
      ),
  )
    .option("--max", "add pods until none fits (default: add once)")
    .option("--add-pool <fields>", "also show how many fit with more nodes")
    .addHelpText("after", HELP)
    .action(async (workloads: string[], options: FitOptions) => {
      // Charts and rules are large: other verbs do not load them.
      const { runFit } = createRequire(__filename)("../preview/run-fit") as typeof running;
      process.exitCode = await runFit(workloads, options);
    });
}
