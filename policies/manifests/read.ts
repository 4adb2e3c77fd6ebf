import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { LARGEST_TEXT } from "../../fleet/reading/read-text";
import { type Excluded, excludedBy } from "./exclude";
import { filesIn, reasonOf } from "./folder";
import { type Manifests, NOTHING, readObjects, together } from "./objects";
import { PlaceFinder } from "./text";

/** What stands for standard input. */
const STDIN = "-";
/** The number by which a process knows its standard input. */
const STDIN_FD = 0;
/** Patterns of what is left out of a folder, a line each, in the folder's top. */
export const IGNORE_FILE = ".skerryignore";

/**
 * Every object of files, folders and standard input (`-`), in that order, with everything that could not be read and
 * everything that is no object. A file is read once, however many of the paths lead to it. Never throws for what is in a
 * file.
 *
 * @param exclude patterns of paths that are left out, beside those of a folder's `.skerryignore`
 */
export function readManifests(paths: readonly string[], exclude: readonly string[] = []): Manifests {
  const reading = new Reading(exclude);
  return together(paths.map((path) => reading.path(path)));
}

/** Those of some paths that lead nowhere, with why. */
export function missingPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === STDIN) return [];
    try {
      statSync(path);
      return [];
    } catch (error) {
      return [`${path}: ${reasonOf(error)}`];
    }
  });
}

const refused = (file: string, message: string): Manifests => ({ ...NOTHING, problems: [{ file, message }] });

class Reading {
  private readonly finder = new PlaceFinder();
  private readonly seen = new Set<string>();
  /** Files that were read already, and those that were named and are left out. */
  private passedOver = 0;
  private readonly excluded: Excluded;

  constructor(private readonly exclude: readonly string[]) {
    this.excluded = excludedBy(exclude);
  }

  path(path: string): Manifests {
    const before = this.passedOver;
    const found = path === STDIN ? this.file(STDIN, STDIN_FD) : this.named(path);
    const { manifests, problems } = found;
    // A pipe whose other end failed is empty, and must not look as if all were well.
    if (manifests.length + problems.length > 0 || this.passedOver > before) return found;
    return together([found, refused(path, "holds no object")]);
  }

  private named(path: string): Manifests {
    try {
      if (statSync(path).isDirectory()) return this.folder(path);
      if (this.excluded(relative(".", path).split(sep).join("/"), false)) return this.passOver();
      return this.file(path);
    } catch (error) {
      return refused(path, reasonOf(error));
    }
  }

  private passOver(): Manifests {
    this.passedOver += 1;
    return NOTHING;
  }

  private folder(folder: string): Manifests {
    const ignored = ignoredIn(folder);
    const { files, problems, skipped } = filesIn(folder, excludedBy([...ignored, ...this.exclude]));
    return together([{ manifests: [], problems, skipped }, ...files.map((file) => this.file(file))]);
  }

  private file(file: string, open?: number): Manifests {
    if (/\.[cm]?[jt]s$/.test(file)) return refused(file, "is a module, not manifests: name a fleet with --fleet");
    try {
      const real = open === undefined ? realpathSync(file) : file;
      if (this.seen.has(real)) return this.passOver();
      this.seen.add(real);
      const raw = readAtMost(open ?? openSync(file, "r"), LARGEST_TEXT);
      if (raw) return readObjects(file, raw, this.finder);
      return refused(file, `has more than ${LARGEST_TEXT} bytes: split it`);
    } catch (error) {
      return refused(file, reasonOf(error));
    }
  }
}

function ignoredIn(folder: string): string[] {
  try {
    return readFileSync(join(folder, IGNORE_FILE), "utf8").split("\n");
  } catch {
    return [];
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
