import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { LARGEST_TEXT } from "../../fleet/reading/read-text";
import { compileExclude, type ExcludeFilter } from "./exclude";
import { fileErrorText, findFiles } from "./folder";
import { concatManifests, type Manifests, NO_MANIFESTS, readObjects } from "./objects";
import { PlaceFinder } from "./text";

/** The path of standard input. */
const STDIN = "-";
/** The file descriptor of standard input. */
const STDIN_FD = 0;
/** The file at the top of a folder that lists patterns of paths to exclude. */
const IGNORE_FILE = ".skerryignore";

/**
 * Reads the objects in files, folders and standard input (`-`), in the order of the paths. Reads each file once. Never throws
 * because of a file's content: unreadable documents and documents that are not objects are in the result.
 *
 * @param exclude patterns of paths to exclude, in addition to those in a folder's `.skerryignore`
 */
export function readManifests(paths: readonly string[], exclude: readonly string[] = []): Manifests {
  const reader = new ManifestReader(exclude);
  return concatManifests(paths.map((path) => reader.readPath(path)));
}

/** Returns a message for each path that does not exist or cannot be accessed. */
export function findMissingPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === STDIN) return [];
    try {
      statSync(path);
      return [];
    } catch (error) {
      return [`${path}: ${fileErrorText(error)}`];
    }
  });
}

const reject = (file: string, message: string): Manifests => ({ ...NO_MANIFESTS, problems: [{ file, message }] });

class ManifestReader {
  private readonly finder = new PlaceFinder();
  private readonly seen = new Set<string>();
  /** Number of files that were excluded, or skipped because they were read before. */
  private ignored = 0;
  private readonly isExcluded: ExcludeFilter;

  constructor(private readonly exclude: readonly string[]) {
    this.isExcluded = compileExclude(exclude);
  }

  readPath(path: string): Manifests {
    const before = this.ignored;
    const result = path === STDIN ? this.readFile(STDIN, STDIN_FD) : this.readFileOrFolder(path);
    const { manifests, problems } = result;
    // A pipe is empty when the command that writes to it fails: this must not look like success.
    if (manifests.length + problems.length > 0 || this.ignored > before) return result;
    return concatManifests([result, reject(path, "contains no Kubernetes object")]);
  }

  private readFileOrFolder(path: string): Manifests {
    try {
      if (statSync(path).isDirectory()) return this.readFolder(path);
      if (this.isExcluded(relative(".", path).split(sep).join("/"), false)) return this.ignore();
      return this.readFile(path);
    } catch (error) {
      return reject(path, fileErrorText(error));
    }
  }

  private ignore(): Manifests {
    this.ignored += 1;
    return NO_MANIFESTS;
  }

  private readFolder(folder: string): Manifests {
    const isExcluded = compileExclude([...readIgnoreFile(folder), ...this.exclude]);
    const { files, problems, skipped } = findFiles(folder, isExcluded);
    return concatManifests([{ manifests: [], problems, skipped }, ...files.map((file) => this.readFile(file))]);
  }

  private readFile(file: string, open?: number): Manifests {
    if (/\.[cm]?[jt]s$/.test(file)) return reject(file, "is a module, not a manifest: pass a fleet with --fleet");
    try {
      const real = open === undefined ? realpathSync(file) : file;
      if (this.seen.has(real)) return this.ignore();
      this.seen.add(real);
      const raw = readAtMost(open ?? openSync(file, "r"), LARGEST_TEXT);
      if (raw) return readObjects(file, raw, this.finder);
      return reject(file, `must be at most ${LARGEST_TEXT} bytes: split the file`);
    } catch (error) {
      return reject(file, fileErrorText(error));
    }
  }
}

function readIgnoreFile(folder: string): string[] {
  try {
    return readFileSync(join(folder, IGNORE_FILE), "utf8").split("\n");
  } catch {
    return [];
  }
}

/** Reads a file or pipe to its end; undefined when it has more than `most` bytes. The file's reported size may be wrong. */
function readAtMost(descriptor: number, most: number): Buffer | undefined {
  const parts: Buffer[] = [];
  try {
    for (let size = 0; ;) {
      const part = Buffer.allocUnsafe(64 * 1024);
      const count = readPart(descriptor, part);
      if (count === 0) return Buffer.concat(parts);
      size += count;
      if (size > most) return undefined;
      parts.push(part.subarray(0, count));
    }
  } finally {
    if (descriptor !== STDIN_FD) closeSync(descriptor);
  }
}

/** Reads the next bytes. Retries on a non-blocking pipe that has no data yet. */
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
