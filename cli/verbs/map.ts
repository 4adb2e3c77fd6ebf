import { createRequire } from "node:module";

import type { Command } from "commander";

import { type MapOptions, parseDrill, parseSeed } from "../preview/options";
import type * as running from "../preview/run-map";
import { LOCAL_STACK } from "../project";

const HELP = `
Examples:
  $ skerry map --output fleet.html
  $ skerry map --stack production --drill region=tokyo --output fleet.html

The page is one file that requests nothing. It has a map of the regions, and tables to sort and search.`;

/** `skerry map`: a picture of a fleet. */
export function mapVerb(program: Command): void {
  program
    .command("map")
    .description("write a page that shows where every pod of a fleet runs; no cluster is contacted")
    .option("-s, --stack <name>", "stack whose fleet is shown", LOCAL_STACK)
    .requiredOption("--output <file>", "HTML file to write")
    .option(
      "--drill <loss>",
      "simulate a loss: all-regions, region=<name>, node=<name> or link=<a>:<b>; may be repeated",
      parseDrill,
    )
    .option("--seed <number>", "seed that breaks ties between equal nodes", parseSeed, 1)
    .addHelpText("after", HELP)
    .action(async (options: MapOptions) => {
      // Charts and rules are large: other verbs do not load them.
      const { runMap } = createRequire(__filename)("../preview/run-map") as typeof running;
      await runMap(options);
    });
}
