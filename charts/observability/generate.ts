/**
 * Generates the alert rules and dashboards as files, for installations of Prometheus and Grafana outside the clusters.
 *
 *   npx tsx charts/observability/generate.ts [--check]
 *
 * `--check` writes nothing and exits with 1 if a file is out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { stringify } from "yaml";

import { ruleGroups } from "./alerts";
import { dashboards } from "./dashboards";
import { renderDashboard } from "./grafana";

const folder = join(__dirname, "generated");

const files: readonly (readonly [file: string, text: string])[] = [
  [
    "alerts.yaml",
    `# Generated from charts/observability/alerts.ts by make generate. Do not edit.\n${stringify(ruleGroups(), { lineWidth: 0 })}`,
  ],
  ...dashboards.map(
    (dashboard) =>
      [`dashboards/${dashboard.name}.json`, `${JSON.stringify(renderDashboard(dashboard), null, 2)}\n`] as const,
  ),
];

function main(): void {
  const check = process.argv.includes("--check");
  for (const [file, text] of files) {
    const path = join(folder, file);
    let current: string | undefined;
    try {
      current = readFileSync(path, "utf8");
    } catch {
      current = undefined;
    }
    if (current === text) continue;
    if (check) {
      process.stderr.write(`charts/observability/generated/${file} is out of date: run make generate\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

if (require.main === module) main();
