/**
 * Writes what follows from the Go types of `skerry.dev`: their CustomResourceDefinitions and their deep copies, by
 * Kubernetes' controller-gen.
 *
 *   npx tsx scripts/kinds.ts [--check]
 *
 * `--check` writes nothing and ends with 1 when a file is not as it would be written.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "..");
const kinds = "runtime/apis/skerry/v1alpha1";

function generate(out: string): boolean {
  const tool = ["tool", "-modfile=../toolchain/controller-gen/go.mod", "controller-gen"];
  // Shares of processors and of load are no whole numbers.
  const what = ["object", "crd:allowDangerousTypes=true", "paths=./apis/skerry/...", `output:dir=${out}`];
  return spawnSync("go", [...tool, ...what], { cwd: join(root, "runtime"), stdio: "inherit" }).status === 0;
}

function main(check: boolean): boolean {
  const made = mkdtempSync(join(tmpdir(), "skerry-kinds-"));
  try {
    if (!generate(made)) return false;
    const stale = readdirSync(made).filter((file) => {
      const path = join(root, kinds, file);
      return !existsSync(path) || readFileSync(path, "utf8") !== readFileSync(join(made, file), "utf8");
    });
    for (const file of stale) {
      if (check) process.stderr.write(`${kinds}/${file} is not what the Go types make it: run make generate\n`);
      else cpSync(join(made, file), join(root, kinds, file));
    }
    return !check || stale.length === 0;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (!main(process.argv.includes("--check"))) process.exitCode = 1;
