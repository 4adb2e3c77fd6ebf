import { createRequire } from "node:module";

import type { Command } from "commander";

import type { ExplainOptions } from "../preview/options";
import type * as running from "../preview/run-explain";
import { addStackOptions } from "../preview/stack-options";

const HELP = `
<target> is <kind>/<name>, <namespace>/<name> or <name>. Of a workload, a pod without a node is explained if there is one.

Examples:
  $ skerry explain deployment/dashboard --cluster tokyo
  $ skerry explain daemonset/sensor-gateway --namespace telemetry --cluster tokyo
  $ skerry explain telemetry/anomaly-detector-tokyo --node osaka-gw-01
  $ skerry explain statefulset/tokyo-mqtt --format json

Exit code: 0 if the pod has a node; 2 if it has none; 1 on an error.`;

/** `skerry explain <target>`: why a pod runs where it does, and what would have to change for it to run elsewhere. */
export function explainVerb(program: Command): void {
  addStackOptions(
    program
      .command("explain <target>")
      .description(
        "show what each scheduler plugin says of every node for a pod or workload, and what would change it",
      ),
  )
    .option("--node <name>", "show this node only")
    .addHelpText("after", HELP)
    .action(async (target: string, options: ExplainOptions) => {
      // Charts and rules are large: other verbs do not load them.
      const { runExplain } = createRequire(__filename)("../preview/run-explain") as typeof running;
      process.exitCode = await runExplain(target, options);
    });
}
