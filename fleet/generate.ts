/**
 * Writes what is generated from the model: the JSON Schema for editors, and the Go twin of the label keys.
 *
 *   npx tsx fleet/generate.ts [--check]
 *
 * `--check` writes nothing and ends with 1 when a file is not as it would be written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { annotations, EDGE_SCHEDULER, labels, protectedLabels, taints, values } from "./labels";
import { fleetJsonSchema } from "./reading/schema";

const capital = (key: string): string => key[0]!.toUpperCase() + key.slice(1);

function block(comment: string, entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]) => `\t${name.padEnd(width)} = ${JSON.stringify(value)}`);
  return `// ${comment}\nconst (\n${lines.join("\n")}\n)\n`;
}

/** The label keys for Go, gofmt's way. */
export function labelsForGo(): string {
  const named = (prefix: string, record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([key, value]) => [`${prefix}${capital(key)}`, value] as const);
  const onNodes = Object.keys(labels).filter((key) => key !== "requiredRegion");
  return [
    "// Code generated from fleet/labels.ts. DO NOT EDIT.\n",
    "// Package labels defines the label, taint and annotation keys that Skerry reads and writes.\npackage labels\n",
    block("Label keys of nodes, and RequiredRegion of pods.", named("", labels)),
    block("Label keys of nodes that a kubelet cannot write.", named("Protected", protectedLabels)),
    block("Taint keys of nodes.", named("Taint", taints)),
    block("Annotation keys of pods.", named("Annotation", annotations)),
    block("Values of labels and taints.", named("Value", values)),
    `// EdgeSchedulerName is the schedulerName of pods that the edge scheduler places.\nconst EdgeSchedulerName = ${JSON.stringify(EDGE_SCHEDULER)}\n`,
    `// Node lists the label keys of nodes, except protected ones.\nvar Node = []string{\n${onNodes.map((key) => `\t${capital(key)},`).join("\n")}\n}\n`,
  ].join("\n");
}

const root = join(__dirname, "..");
const files: Readonly<Record<string, () => string>> = {
  "fleet/fleet.schema.json": () => `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`,
  "runtime/pkg/labels/zz_generated.labels.go": labelsForGo,
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
  const stale = Object.entries(files).filter(([file, make]) => current(file) !== make());
  for (const [file, make] of stale) {
    if (check) process.stderr.write(`${file} is not what its source makes it: run make generate\n`);
    else writeFileSync(join(root, file), make());
  }
  if (check && stale.length > 0) process.exitCode = 1;
}

if (require.main === module) main();
