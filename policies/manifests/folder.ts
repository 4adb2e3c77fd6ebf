import { readdirSync, realpathSync, statSync } from "node:fs";
import { extname, join, sep } from "node:path";

import { HELM, KUSTOMIZE } from "./objects";
import type { ManifestProblem } from "./problem";

/** Endings of files that are read in a folder. */
const ENDINGS = [".yaml", ".yml", ".json"];
/** Most files of a folder. */
const MOST_FILES = 20_000;

export interface FoundFiles {
  /** In the order of their paths. */
  readonly files: readonly string[];
  readonly problems: readonly ManifestProblem[];
}

/**
 * The manifests of a folder and of those in it. Hidden files and folders and `node_modules` are passed over; links are
 * followed inside the folder alone, and each file is read once, however many links lead to it.
 */
export function filesIn(folder: string): FoundFiles {
  const walk = new Walk(realpathSync(folder));
  walk.enter(folder, []);
  return walk;
}

class Walk implements FoundFiles {
  readonly files: string[] = [];
  readonly problems: ManifestProblem[] = [];
  private readonly seen = new Set<string>();
  private full = false;

  constructor(private readonly root: string) {}

  /** @param above real paths of the folders that lead here */
  enter(folder: string, above: readonly string[]): void {
    const real = realpathSync(folder);
    if (above.includes(real)) return this.refuse(folder, "is a link to a folder that it lies in: a loop");
    if (this.seen.has(real)) return;
    this.seen.add(real);
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch (error) {
      return this.refuse(folder, `cannot be read: ${reasonOf(error)}`);
    }
    const rendered = renderedBy(names);
    if (rendered) return this.refuse(folder, rendered);
    for (const name of names) {
      if (name.startsWith(".") || name === "node_modules") continue;
      if (this.full) return;
      this.look(join(folder, name), [...above, real]);
    }
  }

  private look(path: string, above: readonly string[]): void {
    const wanted = ENDINGS.includes(extname(path).toLowerCase());
    try {
      const real = realpathSync(path);
      const kind = statSync(path);
      const inside = real === this.root || real.startsWith(this.root + sep);
      if (!inside && (wanted || kind.isDirectory())) {
        return this.refuse(path, "is a link out of the folder, which is not followed: name what it leads to");
      }
      if (kind.isDirectory()) return this.enter(path, above);
      if (!wanted || this.seen.has(real)) return;
      this.seen.add(real);
      if (!kind.isFile()) return this.refuse(path, "is no regular file");
      this.full = this.files.length === MOST_FILES;
      if (this.full) return this.refuse(path, `is one file too many, allowed are ${MOST_FILES}`);
      this.files.push(path);
    } catch (error) {
      // What nobody would have read may lead nowhere.
      if (wanted || (error as NodeJS.ErrnoException).code === "ELOOP") this.refuse(path, reasonOf(error));
    }
  }

  private refuse(file: string, message: string): void {
    this.problems.push({ file, message });
  }
}

/** What a folder is the source of, rather than manifests. */
function renderedBy(names: readonly string[]): string | undefined {
  if (names.some((name) => /^kustomization(\.ya?ml)?$/i.test(name))) return KUSTOMIZE;
  return names.includes("Chart.yaml") ? HELM : undefined;
}

/** What the file system says, as people do. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "is not there";
    case "ELOOP":
      return "is a link to itself: a loop";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user";
    default:
      return message.split("\n")[0]!;
  }
}
