import { closeSync, openSync, readSync, statSync } from "node:fs";

import { LARGEST_TEXT } from "../../fleet/read-yaml";
import { filesIn, reasonOf } from "./folder";
import { type Manifests, readObjects } from "./objects";

/** What stands for standard input. */
const STDIN = "-";
/** The number by which a process knows its standard input. */
const STDIN_FD = 0;

/**
 * Every object of files, folders and standard input (`-`), in that order, with everything that could not be read. Never
 * throws for what it is pointed at.
 */
export function readManifests(paths: readonly string[]): Manifests {
  const read = [...new Set(paths)].map((path) => {
    const found = path === STDIN ? readFile(STDIN, STDIN_FD) : readPath(path);
    // A pipe whose other end failed is empty, and must not look as if all were well.
    return found.manifests.length + found.problems.length > 0 ? found : refused(path, "holds no object");
  });
  return {
    manifests: read.flatMap(({ manifests }) => manifests),
    problems: read.flatMap(({ problems }) => problems),
  };
}

function readPath(path: string): Manifests {
  try {
    if (!statSync(path).isDirectory()) return readFile(path);
    const { files, problems } = filesIn(path);
    const read = files.map((file) => readFile(file));
    if (files.length + problems.length === 0) return refused(path, "holds no file that ends in .yaml, .yml or .json");
    return {
      manifests: read.flatMap((each) => each.manifests),
      problems: [...problems, ...read.flatMap((each) => each.problems)],
    };
  } catch (error) {
    return refused(path, reasonOf(error));
  }
}

const refused = (file: string, message: string): Manifests => ({ manifests: [], problems: [{ file, message }] });

function readFile(file: string, open?: number): Manifests {
  if (/\.[cm]?[jt]s$/.test(file)) return refused(file, "is a module, not manifests: name a fleet with --fleet");
  try {
    const raw = readAtMost(open ?? openSync(file, "r"), LARGEST_TEXT);
    if (raw) return readObjects(file, raw);
    return refused(file, `has more than ${LARGEST_TEXT} bytes: split it`);
  } catch (error) {
    return refused(file, reasonOf(error));
  }
}

/** What a file or pipe holds, read to its end; undefined when that is more. A file's stated size may be wrong. */
function readAtMost(descriptor: number, most: number): Buffer | undefined {
  const parts: Buffer[] = [];
  try {
    for (let size = 0; ;) {
      const part = Buffer.allocUnsafe(64 * 1024);
      const got = readPart(descriptor, part);
      if (got === 0) return Buffer.concat(parts);
      size += got;
      if (size > most) return undefined;
      parts.push(part.subarray(0, got));
    }
  } finally {
    if (descriptor !== STDIN_FD) closeSync(descriptor);
  }
}

/** A pipe that has nothing yet says so instead of waiting, when whoever made it set it up that way. */
function readPart(descriptor: number, part: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, part);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
