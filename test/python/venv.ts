import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { toolCache } from "../../cli/folders";

const requirements = join(__dirname, "requirements.txt");
const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
/** Folder of the virtual environment. It is kept in the cache of the tools. */
export const venvFolder = join(toolCache, "python", digest);

/** Written last, so that an interrupted installation is not taken for a complete one. */
const stamp = join(venvFolder, ".complete");

/** Reports whether the virtual environment is complete. */
export const hasVenv = (): boolean => existsSync(stamp);

/** The Python of a virtual environment with the packages in requirements.txt, or why there is none. */
export type Venv = { readonly python: string } | { readonly reason: string };

/** Creates the virtual environment unless it exists. */
export function prepareVenv(): Venv {
  const folder = venvFolder;
  const python = join(folder, "bin", "python");
  if (hasVenv()) return { python };
  console.log("  installing the Python packages of test/python/requirements.txt");
  // A virtual environment contains its own path, so it is created in place.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, ".."), { recursive: true });
  const steps: readonly (readonly [string, ...string[]])[] = [
    ["python3", "-m", "venv", folder],
    [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", requirements],
    ["touch", stamp],
  ];
  for (const [command, ...args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
    if (status !== 0) {
      const cause = error?.message ?? stderr.trim().split("\n").at(-1);
      return { reason: `needs the Python packages in test/python/requirements.txt: ${cause}` };
    }
  }
  return { python };
}

/** Runs a Python script of this folder with JSON on its standard input, and returns the JSON that it prints. */
export function runPython({ python }: { readonly python: string }, script: string, input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync(python, [join(__dirname, script)], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return JSON.parse(stdout);
}
