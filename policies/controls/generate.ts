/**
 * Writes docs/policy-coverage.md: which rule checks what.
 *
 *   npx tsx policies/controls/generate.ts [--check]
 *
 * `--check` writes nothing and ends with 1 when the page is not as it would be written.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { format } from "prettier";

import { coveragePage } from "./page";

const PAGE = join(__dirname, "..", "..", "docs", "policy-coverage.md");

async function main(check: boolean): Promise<void> {
  const text = await format(coveragePage(), { parser: "markdown", printWidth: 120 });
  if (existsSync(PAGE) && readFileSync(PAGE, "utf8") === text) return;
  if (check) {
    process.stderr.write(`${PAGE} is not what its sources make it: run make generate\n`);
    process.exitCode = 1;
  } else writeFileSync(PAGE, text);
}

void main(process.argv.includes("--check"));
