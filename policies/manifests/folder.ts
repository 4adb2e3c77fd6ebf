import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";

import { readDocument } from "../../fleet/kubernetes/yaml";
import { LARGEST_TEXT } from "../../fleet/reading/read-text";
import type { ExcludeFilter } from "./exclude";
import { helmChart } from "./foreign";
import { isKustomization, kustomizationParts } from "./kustomization";
import type { SkippedManifest } from "../engine/report";
import type { UnreadableManifest } from "../engine/subjects";

/** Extensions of the files to read in a folder. */
const EXTENSIONS = [".yaml", ".yml", ".json"];
/** Maximum number of files in a folder. */
const MAX_FILES = 20_000;

export interface FoundFiles {
  /** Sorted by path. */
  readonly files: readonly string[];
  readonly problems: readonly UnreadableManifest[];
  /** Helm charts, and the parts of kustomizations. */
  readonly skipped: readonly SkippedManifest[];
}

/**
 * Finds the manifests in a folder and its subfolders. Ignores hidden files and folders, `node_modules`, and the templates and
 * values of Helm charts. Follows symbolic links within the folder only, and returns each file once.
 */
export function findFiles(folder: string, isExcluded: ExcludeFilter = () => false): FoundFiles {
  const walk = new Walk(folder, realpathSync(folder), isExcluded);
  walk.enter(folder, []);
  const parts = new Map(walk.files.filter((file) => isKustomization(file.split(sep).at(-1)!)).flatMap(readParts));
  const skipPart = (file: string): SkippedManifest[] => {
    const kustomization = parts.get(realpathSync(file));
    return kustomization === undefined ? [] : [{ file, what: `part of ${kustomization}, not a complete object` }];
  };
  const skipped = walk.files.flatMap(skipPart);
  const skippedFiles = new Set(skipped.map(({ file }) => file));
  return {
    files: walk.files.filter((file) => !skippedFiles.has(file)),
    problems: walk.problems,
    skipped: [...walk.skipped, ...skipped],
  };
}

/** Returns the real paths of a kustomization's parts, each with the kustomization's file. */
function readParts(file: string): [string, string][] {
  try {
    if (statSync(file).size > LARGEST_TEXT) return [];
    const { value } = readDocument(readFileSync(file, "utf8"));
    return kustomizationParts(value).map((path) => [resolveLinks(resolve(dirname(file), path)), file]);
  } catch {
    // The problem is reported when the file is read as a manifest.
    return [];
  }
}

function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Names in the folder of a Helm chart that are not manifests. */
const CHART_FILES = /^(templates|Chart\.(yaml|lock)|values.*\.(ya?ml|json))$/;

class Walk implements FoundFiles {
  readonly files: string[] = [];
  readonly problems: UnreadableManifest[] = [];
  readonly skipped: SkippedManifest[] = [];
  private readonly seen = new Set<string>();
  private full = false;

  constructor(
    private readonly folder: string,
    private readonly root: string,
    private readonly isExcluded: ExcludeFilter,
  ) {}

  /** @param parents real paths of the parent folders */
  enter(folder: string, parents: readonly string[]): void {
    const real = realpathSync(folder);
    if (parents.includes(real)) return this.reject(folder, "is a symbolic link to one of its parent folders");
    if (this.seen.has(real)) return;
    this.seen.add(real);
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch (error) {
      return this.reject(folder, `cannot be read: ${fileErrorText(error)}`);
    }
    const isChart = names.includes("Chart.yaml");
    if (isChart) {
      const chart = join(folder, "Chart.yaml");
      this.skipped.push({ file: chart, what: helmChart(chart) });
    }
    for (const name of names) {
      if (name.startsWith(".") || name === "node_modules" || (isChart && CHART_FILES.test(name))) continue;
      if (this.full) return;
      this.visit(join(folder, name), [...parents, real]);
    }
  }

  private visit(path: string, parents: readonly string[]): void {
    const isManifest = EXTENSIONS.includes(extname(path).toLowerCase());
    const inside = relative(this.folder, path).split(sep).join("/");
    if (this.isExcluded(inside, false)) return;
    try {
      const real = realpathSync(path);
      const kind = statSync(path);
      if (kind.isDirectory() && this.isExcluded(inside, true)) return;
      const isInside = real === this.root || real.startsWith(this.root + sep);
      if (!isInside && (isManifest || kind.isDirectory())) {
        return this.reject(
          path,
          "is a symbolic link out of the folder, which is not followed: pass its target as a path",
        );
      }
      if (kind.isDirectory()) return this.enter(path, parents);
      if (!isManifest || this.seen.has(real)) return;
      this.seen.add(real);
      if (!kind.isFile()) return this.reject(path, "is not a regular file");
      this.full = this.files.length === MAX_FILES;
      if (this.full) return this.reject(path, `exceeds the limit of ${MAX_FILES} files`);
      this.files.push(path);
    } catch (error) {
      // A dangling link matters only when its name is that of a manifest.
      if (isManifest || (error as NodeJS.ErrnoException).code === "ELOOP") this.reject(path, fileErrorText(error));
    }
  }

  private reject(file: string, message: string): void {
    this.problems.push({ file, message });
  }
}

/** Describes an error of the file system. */
export function fileErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "not found";
    case "ELOOP":
      return "is a symbolic link to itself";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    default:
      return message.split("\n")[0]!;
  }
}
