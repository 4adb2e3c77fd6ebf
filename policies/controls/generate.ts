/**
 * Generates docs/policy-coverage.md.
 *
 *   npx tsx policies/controls/generate.ts [--check]
 *
 * `--check` writes nothing, and exits with 1 if the page is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { format } from "prettier";

import { renderCoveragePage } from "./page";

const PAGE = join(__dirname, "..", "..", "docs", "policy-coverage.md");

async function main(check: boolean): Promise<void> {
  const text = await format(renderCoveragePage(), { parser: "markdown", printWidth: 120 });
  if (existsSync(PAGE) && readFileSync(PAGE, "utf8") === text) return;
  if (check) {
    process.stderr.write(`${PAGE} is out of date: run make generate\n`);
    process.exitCode = 1;
  } else writeFileSync(PAGE, text);
}

void main(process.argv.includes("--check"));
