/**
 * What checking objects takes: by the OpenAPI schema in this process, or by the API server's own code in
 * manifest-validator. Over a cluster's objects, all of them valid, and over the corpus of the tests, most of it refused.
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

/** Kinds whose expressions the API server compiles, and the schema takes for any text. */
const CEL = new Set(["CustomResourceDefinition", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"]);

const INPUTS = {
  "10 of a cluster": () => objectsOf(10),
  "1,000 of a cluster": () => objectsOf(1_000),
  "the corpus": () => corpus().map(({ object }) => object),
  "the corpus, no CEL": () => corpus().flatMap(({ object }) => (CEL.has(object.kind) ? [] : [object])),
} satisfies Readonly<Record<string, () => readonly KubeObject[]>>;
type Input = keyof typeof INPUTS;

const MEANS = ["OpenAPI schema", "manifest-validator"] as const;
type Means = (typeof MEANS)[number];

const minor = minorOf(defaults.cluster.kubernetesVersion)!;

interface Cost {
  /** Seconds of processor, those of a child included. */
  readonly cpu: number;
  /** Seconds that went by. */
  readonly wall: number;
  readonly objects: number;
  /** How many of them are refused. */
  readonly refused: number;
}

/** Seconds of processor that this process and the children that ended took. Linux counts them in hundredths. */
function processorSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / 100;
}

/** In a process of its own, so that nothing was loaded or compiled before. */
function check(means: Means, input: Input, program: string): Cost {
  const objects: readonly KubeObject[] = INPUTS[input]();
  const before = { cpu: processorSeconds(), wall: performance.now() };
  const refused =
    means === "OpenAPI schema"
      ? checkSchema(minor, objects).filter(({ violations }) => violations.length > 0)
      : new Validator(program)
          .verdicts(minor, objects, skerryDefinitions())!
          .verdicts.filter(({ outcome }) => outcome !== "accepted");
  const wall = (performance.now() - before.wall) / 1e3;
  return { cpu: processorSeconds() - before.cpu, wall, objects: objects.length, refused: refused.length };
}

const range = (values: readonly number[]): string => {
  const { median, min, max } = spread(values);
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
};

async function main(): Promise<void> {
  const asked = process.argv.indexOf("--check");
  if (asked !== -1) {
    const [means, input, program] = process.argv.slice(asked + 1);
    console.log(JSON.stringify(check(means as Means, input as Input, program!)));
    return;
  }
  const runs = Number(process.argv[2] ?? 5);
  const [validator] = await resolveTools([tool("manifest-validator")], new ConsoleProgress());
  const rows = (Object.keys(INPUTS) as Input[]).flatMap((input) => {
    const costs = new Map<Means, Cost[]>(MEANS.map((means) => [means, []]));
    for (let run = 0; run < runs; run += 1) {
      for (const means of MEANS) {
        const args = ["--require", "tsx/cjs", __filename, "--check", means, input, validator!.path];
        costs.get(means)!.push(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Cost);
      }
    }
    const baseline = spread(costs.get("OpenAPI schema")!.map(({ cpu }) => cpu)).median;
    return [...costs].map(([means, each]) => [
      input,
      means,
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
      `Seconds: median (least–most) of ${runs} runs, each in a process of its own whose start is not counted. The schema is read for each run; manifest-validator is started for each run, and its start and processor are counted. The corpus is that of \`test/fixtures/verdicts\`; "no CEL": without CustomResourceDefinitions and admission policies, whose expressions the API server compiles and the schema takes for any text.`,
      table(["objects", "checked by", "refused", "processor, s", "× the schema", "wall, s"], rows),
    ].join("\n\n"),
  );
}

void main();
