/**
 * Generates the CustomResourceDefinitions and deep-copy functions of the Go types of `skerry.dev` with controller-gen.
 *
 *   npx tsx scripts/kinds.ts [--check]
 *
 * `--check` writes nothing and exits with 1 when a file is out of date.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "..");
const kinds = "runtime/apis/skerry/v1alpha1";

function generate(out: string): boolean {
  const tool = ["tool", "-modfile=../toolchain/controller-gen/go.mod", "controller-gen"];
  // allowDangerousTypes permits floats, which fractions of CPUs and load need.
  const generators = ["object", "crd:allowDangerousTypes=true", "paths=./apis/skerry/...", `output:dir=${out}`];
  return spawnSync("go", [...tool, ...generators], { cwd: join(root, "runtime"), stdio: "inherit" }).status === 0;
}

function main(check: boolean): boolean {
  const output = mkdtempSync(join(tmpdir(), "skerry-kinds-"));
  try {
    if (!generate(output)) return false;
    const stale = readdirSync(output).filter((file) => {
      const path = join(root, kinds, file);
      return !existsSync(path) || readFileSync(path, "utf8") !== readFileSync(join(output, file), "utf8");
    });
    for (const file of stale) {
      if (check) process.stderr.write(`${kinds}/${file} is out of date: run make generate\n`);
      else cpSync(join(output, file), join(root, kinds, file));
    }
    return !check || stale.length === 0;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

if (!main(process.argv.includes("--check"))) process.exitCode = 1;
