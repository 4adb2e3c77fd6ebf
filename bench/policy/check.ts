/**
 * The rules over 1,000 to 10,000 objects, and `skerry policy` on files beside a schema validator (kubeconform) and a
 * policy tool (conftest), which are built from their modules first.
 *
 *   npx tsx bench/policy/check.ts [runs]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import { defaults } from "../../fleet/defaults";
import { evaluate } from "../../policies/engine";
import { rules } from "../../policies/rules";
import { strictSchema } from "../../policies/schema/strict";
import { kubernetesSchema, minorOf } from "../../policies/schema/versions";
import { record, spread, table } from "../record";
import { objectsOf } from "./objects";
import { build, type Cost, run } from "./tool";

const KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0";
const CONFTEST = "github.com/open-policy-agent/conftest@v0.71.1";

const SIZES = [1_000, 2_000, 5_000, 10_000];
const root = join(__dirname, "..", "..");
const version = defaults.cluster.kubernetesVersion;

/** In a process of its own: asks all rules about so many objects, first and again, and prints the seconds of processor. */
function judge(count: number): void {
  const objects = objectsOf(count);
  const once = (): number => {
    const before = process.cpuUsage();
    const { counts } = evaluate(
      rules,
      { clusters: [{ kubernetesVersion: version, objects }] },
      { environment: "default", today: "2026-11-24" },
    );
    const { user, system } = process.cpuUsage(before);
    if (counts.error > 0) throw new Error(`${counts.error} errors where none are meant`);
    return (user + system) / 1e6;
  };
  console.log(JSON.stringify({ first: once(), again: once() }));
}

/** Objects as files of a hundred, as people keep them. */
function write(folder: string, count: number): void {
  mkdirSync(folder);
  const objects = objectsOf(count);
  for (let from = 0; from < objects.length; from += 100) {
    const text = objects.slice(from, from + 100).map((object) => stringify(object, { aliasDuplicateObjects: false }));
    writeFileSync(join(folder, `${String(from).padStart(5, "0")}.yaml`), text.join("---\n"));
  }
}

/** The schema that Skerry holds objects against, as kubeconform looks for it: a file a kind. */
function writeSchemas(folder: string): void {
  mkdirSync(folder);
  const schema = kubernetesSchema(minorOf(version)!);
  const text = JSON.stringify(strictSchema(schema)).replaceAll("kubernetes#/definitions/", "#/definitions/");
  const { definitions } = JSON.parse(text) as { definitions: object };
  for (const { apiVersion, kind } of new Map(objectsOf(200).map((object) => [object.kind, object])).values()) {
    const definition = schema.kinds[`${apiVersion} ${kind}`];
    if (definition === undefined) continue;
    // `networking.k8s.io/v1` is `networking-v1`.
    const name = `${kind}-${apiVersion.replace(/(\.[^/]*)?\//, "-")}.json`.toLowerCase();
    writeFileSync(join(folder, name), JSON.stringify({ $ref: `#/definitions/${definition}`, definitions }));
  }
}

const range = (values: readonly number[], digits: number): string => {
  const { median, min, max } = spread(values);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
};

async function inMemory(runs: number): Promise<string> {
  const rows: (string | number)[][] = [];
  let least: number | undefined;
  for (const count of SIZES) {
    const costs: Cost[] = [];
    const parsed: { first: number; again: number }[] = [];
    for (let each = 0; each < runs; each += 1) {
      const cost = await run(process.execPath, ["--require", "tsx/cjs", __filename, "--judge", String(count)]);
      if (cost.code !== 0) throw new Error(cost.output);
      costs.push(cost);
      parsed.push(JSON.parse(cost.output) as { first: number; again: number });
    }
    const again = spread(parsed.map((each) => each.again)).median;
    least ??= again;
    rows.push([
      count,
      range(
        parsed.map(({ first }) => first),
        2,
      ),
      range(
        parsed.map((each) => each.again),
        2,
      ),
      (again / least).toFixed(1),
      Math.round(spread(costs.map(({ memory }) => memory)).median),
    ]);
  }
  return table(["objects", "first, s", "again, s", "×", "peak MiB"], rows);
}

async function commands(runs: number, scratch: string): Promise<string> {
  const count = SIZES.at(-1)!;
  const folder = join(scratch, "objects");
  write(folder, count);
  const schemas = join(scratch, "schemas");
  writeSchemas(schemas);
  build(scratch, KUBECONFORM);
  build(scratch, CONFTEST);
  const location = join(schemas, "{{.ResourceKind}}{{.KindSuffix}}.json");
  const tools: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "kubeconform, schema",
      "kubeconform",
      ["-strict", "-n", "1", "-skip", "NodePool", "-schema-location", location, folder],
    ],
    [
      "conftest, 11 rules",
      "conftest",
      ["test", "--no-color", "--quiet", "--policy", join(__dirname, "rules.rego"), folder],
    ],
    ["skerry policy, schema", join(root, "bin", "skerry"), ["policy", folder, "--rule", "matches-schema"]],
    ["skerry policy, all rules", join(root, "bin", "skerry"), ["policy", folder]],
  ];
  const costs = new Map<string, Cost[]>(tools.map(([name]) => [name, []]));
  for (let each = 0; each < runs; each += 1) {
    for (const [name, command, args] of tools) {
      const cost = await run(command.includes("/") ? command : join(scratch, command), args);
      if (cost.code !== 0) throw new Error(`${name} ended with ${cost.code}: ${cost.output.slice(0, 2000)}`);
      costs.get(name)!.push(cost);
    }
  }
  const baseline = spread(costs.get(tools[0]![0])!.map(({ cpu }) => cpu)).median;
  const rows = [...costs].map(([name, each]) => [
    name,
    range(
      each.map(({ cpu }) => cpu),
      1,
    ),
    (spread(each.map(({ cpu }) => cpu)).median / baseline).toFixed(1),
    Math.round(spread(each.map(({ memory }) => memory)).median),
  ]);
  return table(["command", "processor, s", "× kubeconform", "peak MiB"], rows);
}

async function main(): Promise<void> {
  const judged = process.argv.indexOf("--judge");
  if (judged !== -1) return judge(Number(process.argv[judged + 1]));
  const runs = Number(process.argv[2] ?? 3);
  const scratch = mkdtempSync(join(tmpdir(), "skerry-bench-policy-"));
  try {
    const asked = rules.filter(({ subject }) => subject === "object" || subject === "cluster").length;
    const kinds = new Set(objectsOf(1_000).map(({ kind }) => kind)).size;
    await record(
      "Policy",
      `npx tsx bench/policy/check.ts ${runs}`,
      [
        `Seconds of processor on one core: median (least–most) of ${runs} runs, each in a process of its own. Objects are of ${kinds} kinds and keep the rules. ${asked} rules over objects in memory; "first" compiles the schema's validators too; × is "again" against 1,000 objects.`,
        await inMemory(runs),
        `Whole commands over ${SIZES.at(-1)!.toLocaleString("en")} objects in ${SIZES.at(-1)! / 100} YAML files, start and reading included.`,
        await commands(runs, scratch),
      ].join("\n\n"),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main();
