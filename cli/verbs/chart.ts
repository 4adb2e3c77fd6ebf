import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { Command } from "commander";

import { describeUnknown } from "../../fleet/problem";
import type * as helm from "../../charts/helm/charts";
import type * as writing from "../../charts/helm/chart";

/** `skerry chart`: writes the Helm chart of one of Skerry's programs. */
export function chartVerb(program: Command): void {
  program
    .command("chart <program>")
    .description("write the Helm chart of edge-agent, edge-ingest, node-agent or site-sync")
    .requiredOption("--output <folder>", "folder that receives the chart, in a folder of its name")
    .addHelpText(
      "after",
      "\nThe chart renders the same objects as the constructs. Existing files of the chart are overwritten.",
    )
    .action(async (name: string, { output }: { output: string }) => {
      // Charts are large: other verbs do not load them.
      const load = createRequire(__filename);
      const { helmCharts } = load("../../charts/helm/charts") as typeof helm;
      const { helmFiles } = load("../../charts/helm/chart") as typeof writing;
      const create = helmCharts[name];
      if (!create) throw new Error(describeUnknown("chart", name, Object.keys(helmCharts)));
      const chart = create();
      for (const [file, text] of Object.entries(helmFiles(chart))) {
        const path = join(output, chart.name, file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
      process.stdout.write(`${join(output, chart.name)}\n`);
    });
}
