/**
 * Measures the check of objects with the OpenAPI schema in this process and with the API server's own code in
 * manifest-validator: on the valid objects of a cluster, and on the corpus of the tests, most of which is refused.
 *
 *   npx tsx bench/policy/validation.ts [runs]
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { defaults } from "../../fleet/defaults";
import { skerryDefinitions } from "../../fleet/kubernetes/definitions";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { checkSchema } from "../../policies/schema/checker";
import { Validator } from "../../policies/schema/validator";
import { minorOf } from "../../policies/schema/versions";
import { corpus } from "../../test/fixtures/verdicts/corpus";
import { record, spread, table } from "../record";
import { objectsOf } from "./objects";

/** Kinds with CEL expressions, which the API server compiles and the schema treats as text. */
const CEL = new Set(["CustomResourceDefinition", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"]);

const INPUTS = {
  "10 of a cluster": () => objectsOf(10),
  "1,000 of a cluster": () => objectsOf(1_000),
  "the corpus": () => corpus().map(({ object }) => object),
  "the corpus, no CEL": () => corpus().flatMap(({ object }) => (CEL.has(object.kind) ? [] : [object])),
} satisfies Readonly<Record<string, () => readonly KubeObject[]>>;
type Input = keyof typeof INPUTS;

const METHODS = ["OpenAPI schema", "manifest-validator"] as const;
type Method = (typeof METHODS)[number];

const minor = minorOf(defaults.cluster.kubernetesVersion)!;

interface Cost {
  /** CPU seconds, including those of child processes. */
  readonly cpu: number;
  /** Wall-clock seconds. */
  readonly wall: number;
  readonly objects: number;
  /** Number of refused objects. */
  readonly refused: number;
}

/** Returns the CPU seconds of this process and its terminated children, whose time Linux counts in hundredths. */
function cpuSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Checks objects once. Runs in a process of its own, so that nothing is loaded or compiled before. */
function check(method: Method, input: Input, program: string): Cost {
  const objects: readonly KubeObject[] = INPUTS[input]();
  const before = { cpu: cpuSeconds(), wall: performance.now() };
  const refused =
    method === "OpenAPI schema"
      ? checkSchema(minor, objects).filter(({ violations }) => violations.length > 0)
      : new Validator(program)
          .verdicts(minor, objects, skerryDefinitions())!
          .verdicts.filter(({ outcome }) => outcome !== "accepted");
  const wall = (performance.now() - before.wall) / 1e3;
  return { cpu: cpuSeconds() - before.cpu, wall, objects: objects.length, refused: refused.length };
}

const range = (values: readonly number[]): string => {
  const { median, min, max } = spread(values);
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
};

async function main(): Promise<void> {
  const option = process.argv.indexOf("--check");
  if (option !== -1) {
    const [method, input, program] = process.argv.slice(option + 1);
    console.log(JSON.stringify(check(method as Method, input as Input, program!)));
    return;
  }
  const runs = Number(process.argv[2] ?? 5);
  const [validator] = await resolveTools([tool("manifest-validator")], new ConsoleProgress());
  const rows = (Object.keys(INPUTS) as Input[]).flatMap((input) => {
    const costs = new Map<Method, Cost[]>(METHODS.map((method) => [method, []]));
    for (let run = 0; run < runs; run += 1) {
      for (const method of METHODS) {
        const args = ["--require", "tsx/cjs", __filename, "--check", method, input, validator!.path];
        costs.get(method)!.push(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Cost);
      }
    }
    const baseline = spread(costs.get("OpenAPI schema")!.map(({ cpu }) => cpu)).median;
    return [...costs].map(([method, each]) => [
      input,
      method,
      `${each[0]!.refused} of ${each[0]!.objects}`,
      range(each.map(({ cpu }) => cpu)),
      (spread(each.map(({ cpu }) => cpu)).median / baseline).toFixed(2),
      range(each.map(({ wall }) => wall)),
    ]);
  });
  await record(
    "Checking objects by the API server's own code",
    `npx tsx bench/policy/validation.ts ${runs}`,
    [
      `Seconds: median (min–max) of ${runs} runs, each in a process of its own; its start is excluded. Each run reads the schema, or starts manifest-validator, whose start and CPU time are included. The corpus is that of \`test/fixtures/verdicts\`; "no CEL": without CustomResourceDefinitions and admission policies, whose CEL expressions the API server compiles and the schema treats as text.`,
      table(["objects", "checked by", "refused", "CPU, s", "× schema", "wall, s"], rows),
    ].join("\n\n"),
  );
}

void main();
