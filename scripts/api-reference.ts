/**
 * Generates the API reference in `docs/api/` from the docstrings of `exports/`, with one page per entry point. The
 * pages also document the public API in reviews: each change to it changes a page.
 *
 *   npx tsx scripts/api-reference.ts [--check]
 *
 * `--check` writes nothing and exits with 1 when a page is out of date. In both modes, the script exits with 1 when an
 * export has no docstring or refers to a type that is not exported.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const root = join(__dirname, "..");
const pages = join(root, "docs", "api");
/** Digest of the inputs and pages of the last successful run, which skips the next run if nothing changed. */
const digestFile = join(root, "node_modules", ".cache", "skerry-api-reference");

const { include } = JSON.parse(readFileSync(join(root, "tsconfig.build.json"), "utf8")) as { include: string[] };

function* files(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Returns a digest of the inputs of the pages and of the pages. */
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
  for (const file of [...settings.map((file) => join(root, file)), ...sources, ...files(pages)]) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function typedoc(out: string): boolean {
  const command = join(root, "node_modules", "typedoc", "bin", "typedoc");
  const args = [command, "--options", join(root, "typedoc.json"), "--out", out, "--logLevel", "Warn"];
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status === 0;
}

/** Compares the pages with the generated ones and prints the differences. */
function matchesPages(generated: string): boolean {
  mkdirSync(pages, { recursive: true });
  const args = ["diff", "--no-index", "--unified=0", "--", pages, generated];
  return spawnSync("git", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}

function main(check: boolean): boolean {
  if (existsSync(digestFile) && readFileSync(digestFile, "utf8") === digest()) return true;
  const generated = mkdtempSync(join(tmpdir(), "skerry-api-"));
  try {
    if (!typedoc(generated)) return false;
    if (check && !matchesPages(generated)) {
      process.stderr.write("docs/api is out of date: run make generate and review the differences\n");
      return false;
    }
    if (!check) {
      rmSync(pages, { recursive: true, force: true });
      cpSync(generated, pages, { recursive: true });
    }
    mkdirSync(dirname(digestFile), { recursive: true });
    writeFileSync(digestFile, digest());
    return true;
  } finally {
    rmSync(generated, { recursive: true, force: true });
  }
}

if (!main(process.argv.includes("--check"))) process.exitCode = 1;
