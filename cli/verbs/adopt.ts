import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";

import type { Command } from "commander";
import pc from "picocolors";

import { describeAllowed } from "../../fleet/problem";
import { checkFleet } from "../../fleet/reading/parse";
import { describeFleet } from "../adopt/describe-fleet";
import { findClusters } from "../adopt/find-clusters";
import { toDnsLabel } from "../adopt/pools";
import { FORMATS } from "../adopt/render";

interface Options {
  readonly kubeconfig: readonly string[];
  readonly context?: readonly string[];
  readonly name?: readonly string[];
  readonly fleet?: string;
  readonly output: string;
  readonly force?: boolean;
}

/** Collects the values of an option that may be repeated. */
const collect = (value: string, all: readonly string[] = []): string[] => [...all, value];

/** `skerry adopt`: writes a fleet that describes existing clusters. */
export function adoptVerb(program: Command): void {
  program
    .command("adopt")
    .description("write a fleet that describes existing clusters; the clusters are only read")
    .requiredOption("--kubeconfig <path>", "kubeconfig of a cluster; may be repeated", collect)
    .option("--context <name>", "context in the kubeconfigs; may be repeated (default: each current context)", collect)
    .option(
      "--name <name>",
      "name of a cluster in the fleet, in their order; may be repeated (default: from the context)",
      collect,
    )
    .option("--fleet <name>", "name of the fleet (default: name of the folder of the file)")
    .option("--output <file>", `file to write (${Object.keys(FORMATS).join(", ")})`, "fleet.ts")
    .option("--force", "overwrite the file")
    .addHelpText(
      "after",
      "\nThe fleet refers to the kubeconfigs and contains no credentials. What the clusters do not tell is marked with TODO, which" +
        "\nskerry validate reports. Exit code: 0 if the file was written, else 1.",
    )
    .action(async (options: Options) => {
      const { output, force = false, kubeconfig: kubeconfigs, context: contexts = [], name: names = [] } = options;
      const format = FORMATS[extname(output)];
      if (!format) throw new Error(`--output: extension ${describeAllowed(Object.keys(FORMATS))}; got ${output}`);
      if (existsSync(output) && !force) throw new Error(`--output: ${output} exists: use --force to overwrite it`);
      const found = await findClusters({ kubeconfigs, contexts, names, output });
      const folder = dirname(resolve(output));
      const fleet = describeFleet(options.fleet ?? toDnsLabel(basename(folder), "fleet"), found);
      mkdirSync(folder, { recursive: true });
      writeFileSync(output, format(fleet));

      const lines = fleet.clusters.map(({ name, nodePools }) => {
        const nodes = nodePools.reduce((sum, { count }) => sum + count, 0);
        return `  ${name}: ${nodes} nodes in ${nodePools.length} pools\n`;
      });
      const checked = checkFleet(fleet);
      const left = checked.ok ? 0 : checked.problems.length;
      const next = left === 0 ? "" : `, then fill in ${left} values: ${pc.bold(`npx skerry validate ${output}`)}`;
      process.stdout.write(`${lines.join("")}  wrote ${output}${next}\n`);
    });
}
