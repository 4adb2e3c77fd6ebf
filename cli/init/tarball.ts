import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { promisify } from "node:util";

import { packageFolder } from "../folders";

/** Folder for the tarball in a new repository. */
const VENDOR = "vendor";

/** A packed copy of this Skerry installation. */
export interface Tarball {
  /** Dependency specification for `package.json`. */
  readonly spec: string;
  /** Copies the tarball into a repository and returns its path there. */
  readonly copyInto: (repository: string) => Promise<string>;
}

/**
 * Packs this Skerry installation and calls `work` with the tarball, which is deleted afterwards.
 *
 * @throws Error with the output of npm
 */
export async function withTarball<T>(work: (tarball: Tarball) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "skerry-pack-"));
  try {
    const path = join(scratch, await pack(scratch));
    const file = `${VENDOR}/${basename(path)}`;
    return await work({
      spec: `file:${file}`,
      copyInto: async (repository) => {
        await mkdir(join(repository, VENDOR), { recursive: true });
        await copyFile(path, join(repository, file));
        return file;
      },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Runs `npm pack` and returns the name of the tarball. */
async function pack(destination: string): Promise<string> {
  // Packing a checkout compiles it. An installed package is already compiled.
  const compiled = packageFolder.split(sep).includes("node_modules");
  const options = ["--json", "--pack-destination", destination, ...(compiled ? ["--ignore-scripts"] : [])];
  try {
    const { stdout } = await promisify(execFile)("npm", ["pack", packageFolder, ...options], { maxBuffer: 1 << 26 });
    // The output of scripts precedes the JSON.
    const name = /"filename": "([^"]+)"/.exec(stdout)?.[1];
    if (name) return name;
    throw new Error(`npm pack did not report a file:\n${stdout.slice(0, 1000)}`);
  } catch (error) {
    const { stdout = "", stderr } = error as { stdout?: string; stderr?: string };
    throw stderr === undefined ? error : new Error(`npm pack failed:\n${`${stdout}${stderr}`.trim().slice(0, 2000)}`);
  }
}
