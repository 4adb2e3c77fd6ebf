import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import ts from "typescript";

const root = join(__dirname, "..", "..", "..");
const files = readdirSync(join(root, "policies"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join(root, "policies", file));

/** Returns the files of a folder that a file imports, including imports of types. */
function importsOf(file: string): string[] {
  return ts
    .preProcessFile(readFileSync(file, "utf8"))
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => join(dirname(file), fileName))
    .flatMap((path) => files.find((each) => each === `${path}.ts` || each === join(path, "index.ts")) ?? []);
}

/** Returns an import cycle that can be reached from a file. */
function findCycle(file: string, path: readonly string[], done: Set<string>): string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const imported of importsOf(file)) {
    const cycle = findCycle(imported, [...path, file], done);
    if (cycle) return cycle;
  }
  done.add(file);
  return undefined;
}

test("policies/ has no import cycle", () => {
  expect(files.length).toBeGreaterThan(100);
  const done = new Set<string>();
  const cycles = files.flatMap((file) => findCycle(file, [], done)?.map((each) => relative(root, each)) ?? []);
  expect(cycles).toEqual([]);
});
