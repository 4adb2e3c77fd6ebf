/**
 * Measures the evaluation of rules on 1,000 to 10,000 objects, and `skerry policy` on files against a schema validator
 * (kubeconform) and a policy tool (conftest), which are built from their modules first.
 *
 *   npx tsx bench/policy/check.ts [runs]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import { defaults } from "../../fleet/defaults";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { evaluate } from "../../policies/engine/evaluate";
import { rules } from "../../policies/rules";
import { StrictDefinitions } from "../../policies/schema/strict";
import { kubernetesSchema, minorOf } from "../../policies/schema/versions";
import { record, spread, table } from "../record";
import { careless, objectsOf } from "./objects";
import { build, type Cost, run } from "../command";

const KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0";
const CONFTEST = "github.com/open-policy-agent/conftest@v0.71.1";

const SIZES = [1_000, 2_000, 5_000, 10_000];
const root = join(__dirname, "..", "..");
const version = defaults.cluster.kubernetesVersion;

/** Evaluates all rules on objects twice and prints the CPU seconds of each evaluation. Runs in a process of its own. */
function measureEvaluation(count: number): void {
  const objects = objectsOf(count);
  const once = (): number => {
    const before = process.cpuUsage();
    const { counts } = evaluate(
      rules,
      { clusters: [{ kubernetesVersion: version, objects }] },
      { environment: "default", today: "2026-11-24" },
    );
    const { user, system } = process.cpuUsage(before);
    if (counts.error > 0) throw new Error(`${counts.error} unexpected errors`);
    return (user + system) / 1e6;
  };
  console.log(JSON.stringify({ first: once(), again: once() }));
}

/** Writes objects to files. */
function write(folder: string, objects: readonly KubeObject[], objectsPerFile: number): void {
  mkdirSync(folder);
  for (let from = 0; from < objects.length; from += objectsPerFile) {
    const text = objects
      .slice(from, from + objectsPerFile)
      .map((object) => stringify(object, { aliasDuplicateObjects: false }));
    writeFileSync(join(folder, `${String(from).padStart(5, "0")}.yaml`), text.join("---\n"));
  }
}

/** Writes Skerry's schema in the layout of kubeconform: one file per kind. */
function writeSchemas(folder: string): void {
  mkdirSync(folder);
  const schema = kubernetesSchema(minorOf(version)!);
  const strict = new StrictDefinitions(schema.definitions);
  const all = Object.fromEntries(Object.keys(schema.definitions).map((name) => [name, strict.get(name)]));
  const definitions: unknown = JSON.parse(JSON.stringify(all).replaceAll('"$ref":"', '"$ref":"#/definitions/'));
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
      const cost = await run(process.execPath, ["--require", "tsx/cjs", __filename, "--objects", String(count)]);
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

/** A command to measure. */
interface MeasuredCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** The tools to measure: Skerry in the checkout, which compiles its sources, Skerry as an installed package, and others. */
class Tools {
  constructor(private readonly scratch: string) {
    writeSchemas(join(scratch, "schemas"));
    build(scratch, KUBECONFORM);
    build(scratch, CONFTEST);
    const modules = join(scratch, "node_modules", "skerry");
    mkdirSync(modules, { recursive: true });
    execFileSync("npm", ["pack", "--pack-destination", scratch, "--loglevel=error"], { cwd: root, stdio: "pipe" });
    const tarball = readdirSync(scratch).find((file) => file.endsWith(".tgz"))!;
    execFileSync("tar", ["-xzf", join(scratch, tarball), "-C", modules, "--strip-components=1"]);
    // The package's dependencies are in the checkout.
    symlinkSync(join(root, "node_modules"), join(modules, "node_modules"));
  }

  skerry(name: string, ...args: string[]): MeasuredCommand[] {
    return [
      { name: `skerry policy, ${name}, package`, command: this.packed, args: ["policy", ...args], cwd: this.scratch },
      {
        name: `skerry policy, ${name}, checkout`,
        command: join(root, "bin", "skerry"),
        args: ["policy", ...args],
        cwd: root,
      },
    ];
  }

  kubeconform(path: string): MeasuredCommand {
    const location = join(this.scratch, "schemas", "{{.ResourceKind}}{{.KindSuffix}}.json");
    const args = ["-strict", "-n", "1", "-skip", "FleetNodePool", "-schema-location", location, path];
    return { name: "kubeconform, schema", command: join(this.scratch, "kubeconform"), args, cwd: this.scratch };
  }

  conftest(path: string): MeasuredCommand {
    const args = ["test", "--no-color", "--quiet", "--policy", join(__dirname, "rules.rego"), path];
    return { name: "conftest, 11 rules", command: join(this.scratch, "conftest"), args, cwd: this.scratch };
  }

  private get packed(): string {
    return join(this.scratch, "node_modules", "skerry", "bin", "skerry");
  }
}

/** @param codes expected exit codes: 1 when objects violate rules */
async function measureCommands(
  runs: number,
  tools: readonly MeasuredCommand[],
  codes: readonly number[],
): Promise<string> {
  const costs = new Map<string, Cost[]>(tools.map(({ name }) => [name, []]));
  for (let each = 0; each < runs; each += 1) {
    for (const { name, command, args, cwd } of tools) {
      const cost = await run(command, args, { cwd });
      if (!codes.includes(cost.code))
        throw new Error(`${name} exited with ${cost.code}: ${cost.output.slice(0, 2000)}`);
      costs.get(name)!.push(cost);
    }
  }
  const baseline = spread(costs.get(tools[0]!.name)!.map(({ cpu }) => cpu)).median;
  const rows = [...costs].map(([name, each]) => {
    const cpu = each.map((cost) => cost.cpu);
    return [
      name,
      range(cpu, 2),
      (spread(cpu).median / baseline).toFixed(1),
      range(
        each.map(({ wall }) => wall),
        1,
      ),
      Math.round(spread(each.map(({ memory }) => memory)).median),
    ];
  });
  return table(["command", "CPU, s", "× kubeconform", "wall, s", "peak MiB"], rows);
}

/** About as many objects as ten public repositories have together. */
const PUBLIC = { objects: 672, objectsPerFile: 7 };

const TARGETS = [
  "Targets: at most 1 CPU second to start, at most 150 MiB, and at most twice kubeconform's time on files.",
  "The package and the checkout meet the first target.",
  "The third target is met for thousands of objects. For fewer, the start of Node.js and code that runs for the first time take",
  "longer than kubeconform's whole run, which reads its schemas from a folder here.",
  "The second target is met for a thousand objects, but not for all rules on ten thousand: memory grows by about 10 KiB per",
  "object, because rules on clusters need all objects in memory; kubeconform needs one at a time.",
].join(" ");

async function main(): Promise<void> {
  const option = process.argv.indexOf("--objects");
  if (option !== -1) return measureEvaluation(Number(process.argv[option + 1]));
  const runs = Number(process.argv[2] ?? 3);
  const scratch = mkdtempSync(join(tmpdir(), "skerry-bench-policy-"));
  try {
    const ruleCount = rules.filter(({ subject }) => subject === "object" || subject === "cluster").length;
    const kinds = new Set(objectsOf(1_000).map(({ kind }) => kind)).size;
    const tools = new Tools(scratch);
    const [one, some, many] = ["one.yaml", "some", "many"].map((name) => join(scratch, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(one, stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } }));
    write(some, careless(PUBLIC.objects), PUBLIC.objectsPerFile);
    write(many, objectsOf(SIZES.at(-1)!), 100);
    await record(
      "Policy",
      `npx tsx bench/policy/check.ts ${runs}`,
      [
        `CPU seconds on one core: median (min–max) of ${runs} runs, each in a process of its own. The objects have ${kinds} kinds and violate no rule. ${ruleCount} rules on objects in memory; "first" includes reading the schema; × compares "again" with 1,000 objects.`,
        await inMemory(runs),
        "Whole commands, including start and reading. The smallest run: one ConfigMap.",
        await measureCommands(runs, [tools.kubeconform(one), ...tools.skerry("all rules", one)], [0]),
        `${PUBLIC.objects} objects in ${PUBLIC.objects / PUBLIC.objectsPerFile} YAML files, most of which violate rules: each finding has its line.`,
        await measureCommands(runs, [tools.kubeconform(some), ...tools.skerry("all rules", some)], [0, 1]),
        `${SIZES.at(-1)!.toLocaleString("en")} objects in ${SIZES.at(-1)! / 100} YAML files, without violations.`,
        await measureCommands(
          runs,
          [
            tools.kubeconform(many),
            tools.conftest(many),
            ...tools.skerry("schema", many, "--rule", "matches-schema"),
            ...tools.skerry("all rules", many),
          ],
          [0],
        ),
        TARGETS,
      ].join("\n\n"),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main();
