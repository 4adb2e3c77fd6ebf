import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { promisify } from "node:util";

import { packageFolder } from "../folders";

/** Folder of a repository that holds the package it is built on. */
const VENDOR = "vendor";

/** This very Skerry, packed. */
export interface Tarball {
  /** What a `package.json` names it by once it is in the repository. */
  readonly spec: string;
  /** Puts it into a repository; gives its path there. */
  readonly putInto: (repository: string) => Promise<string>;
}

/**
 * Packs this Skerry for as long as `work` goes on, so that it can be installed wherever a repository is.
 *
 * @throws Error with what npm said
 */
export async function withTarball<T>(work: (tarball: Tarball) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "skerry-pack-"));
  try {
    const path = join(scratch, await pack(scratch));
    const file = `${VENDOR}/${basename(path)}`;
    return await work({
      spec: `file:${file}`,
      putInto: async (repository) => {
        await mkdir(join(repository, VENDOR), { recursive: true });
        await copyFile(path, join(repository, file));
        return file;
      },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The name of the file that npm made. */
async function pack(destination: string): Promise<string> {
  // A checkout is compiled first; what is installed is compiled already.
  const compiled = packageFolder.split(sep).includes("node_modules");
  const options = ["--json", "--pack-destination", destination, ...(compiled ? ["--ignore-scripts"] : [])];
  try {
    const { stdout } = await promisify(execFile)("npm", ["pack", packageFolder, ...options], { maxBuffer: 1 << 26 });
    // What scripts print comes before the JSON.
    const name = /"filename": "([^"]+)"/.exec(stdout)?.[1];
    if (name) return name;
    throw new Error(`npm pack named no file; it said:\n${stdout.slice(0, 1000)}`);
  } catch (error) {
    const { stdout = "", stderr } = error as { stdout?: string; stderr?: string };
    throw stderr === undefined ? error : new Error(`npm pack stopped:\n${`${stdout}${stderr}`.trim().slice(0, 2000)}`);
  }
}
