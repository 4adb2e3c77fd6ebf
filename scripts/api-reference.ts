/**
 * Writes the reference of what `exports/` gives away, from its docstrings, into `docs/api/`: one page an entry point.
 * The pages are also the record of the exported surface: a change to it shows in them.
 *
 *   npx tsx scripts/api-reference.ts [--check]
 *
 * `--check` writes nothing and ends with 1 when the pages are not as they would be written. Either ends with 1 when
 * something that is exported lacks a docstring, or names a type that is not exported.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const root = join(__dirname, "..");
const pages = join(root, "docs", "api");
/** Digest of what the pages were last found to follow from, so that nothing is made again for nothing. */
const seen = join(root, "node_modules", ".cache", "skerry-api-reference");

const { include } = JSON.parse(readFileSync(join(root, "tsconfig.build.json"), "utf8")) as { include: string[] };

function* files(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Of everything that the pages follow from, and of the pages. */
function digest(): string {
  const hash = createHash("sha256");
  const settings = [
    "typedoc.json",
    "scripts/typedoc-public-members.mjs",
    "tsconfig.json",
    "tsconfig.build.json",
    "package-lock.json",
  ];
  const sources = include.filter((folder) => folder !== "cli").flatMap((folder) => [...files(join(root, folder))]);
  for (const file of [...settings.map((each) => join(root, each)), ...sources, ...files(pages)]) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function typedoc(out: string): boolean {
  const command = join(root, "node_modules", "typedoc", "bin", "typedoc");
  const args = [command, "--options", join(root, "typedoc.json"), "--out", out, "--logLevel", "Warn"];
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status === 0;
}

/** Whether two folders hold the same files; says where they do not. */
function same(made: string): boolean {
  mkdirSync(pages, { recursive: true });
  const args = ["diff", "--no-index", "--unified=0", "--", pages, made];
  return spawnSync("git", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}

function main(check: boolean): boolean {
  if (existsSync(seen) && readFileSync(seen, "utf8") === digest()) return true;
  const made = mkdtempSync(join(tmpdir(), "skerry-api-"));
  try {
    if (!typedoc(made)) return false;
    if (check && !same(made)) {
      process.stderr.write(
        "docs/api is not what the docstrings make it: run make generate, and look at the difference\n",
      );
      return false;
    }
    if (!check) {
      rmSync(pages, { recursive: true, force: true });
      cpSync(made, pages, { recursive: true });
    }
    mkdirSync(dirname(seen), { recursive: true });
    writeFileSync(seen, digest());
    return true;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (!main(process.argv.includes("--check"))) process.exitCode = 1;
