/**
 * Generates the JSON Schema of a fleet for editors, the label keys for Go, and the compressed boot program.
 *
 *   npx tsx fleet/generate.ts [--check]
 *
 * `--check` writes nothing and exits with 1 if a file is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { renderCompressedProgram } from "./k3s/boot/program";
import { annotations, EDGE_SCHEDULER, labels, protectedLabels, taints, values } from "./labels";
import { fleetJsonSchema } from "./reading/schema";

const capitalize = (key: string): string => key[0]!.toUpperCase() + key.slice(1);

function renderBlock(comment: string, entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]) => `\t${name.padEnd(width)} = ${JSON.stringify(value)}`);
  return `// ${comment}\nconst (\n${lines.join("\n")}\n)\n`;
}

/** Renders the label keys as Go source, formatted as by gofmt. */
function renderLabelsForGo(): string {
  const toEntries = (prefix: string, record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([key, value]) => [`${prefix}${capitalize(key)}`, value] as const);
  const onNodes = Object.keys(labels).filter((key) => key !== "requiredRegion");
  return [
    "// Code generated from fleet/labels.ts. DO NOT EDIT.\n",
    "// Package labels holds every label, taint and annotation key that Skerry writes or reads.\npackage labels\n",
    renderBlock("Keys of labels on nodes, and RequiredRegion on pods.", toEntries("", labels)),
    renderBlock("Keys of labels on nodes that a kubelet cannot write.", toEntries("Protected", protectedLabels)),
    renderBlock("Keys of taints on nodes.", toEntries("Taint", taints)),
    renderBlock("Keys of annotations on pods.", toEntries("Annotation", annotations)),
    renderBlock("Values that have a fixed meaning.", toEntries("Value", values)),
    `// EdgeSchedulerName is the scheduler name that pods ask for.\nconst EdgeSchedulerName = ${JSON.stringify(EDGE_SCHEDULER)}\n`,
    `// Node lists the label keys of nodes.\nvar Node = []string{\n${onNodes.map((key) => `\t${capitalize(key)},`).join("\n")}\n}\n`,
  ].join("\n");
}

const root = join(__dirname, "..");
/** Functions that render a file, from its current content. */
const files: Readonly<Record<string, (current: string | undefined) => string>> = {
  "fleet/fleet.schema.json": () => `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`,
  "fleet/k3s/boot/compressed-program.ts": renderCompressedProgram,
  "runtime/pkg/labels/zz_generated.labels.go": renderLabelsForGo,
};

function main(): void {
  const check = process.argv.includes("--check");
  const current = (file: string): string | undefined => {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      return undefined;
    }
  };
  const rendered = Object.entries(files).map(([file, make]) => [file, make(current(file))] as const);
  const stale = rendered.filter(([file, text]) => current(file) !== text);
  for (const [file, text] of stale) {
    if (check) process.stderr.write(`${file} is out of date: run make generate\n`);
    else writeFileSync(join(root, file), text);
  }
  if (check && stale.length > 0) process.exitCode = 1;
}

if (require.main === module) main();
