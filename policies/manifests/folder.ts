import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";

import { readDocument } from "../../fleet/kubernetes/yaml";
import { LARGEST_TEXT } from "../../fleet/reading/read-text";
import type { Excluded } from "./exclude";
import { helmChart } from "./foreign";
import { isKustomization, piecesOf } from "./kustomization";
import type { ManifestProblem, Skipped } from "./problem";

/** Endings of files that are read in a folder. */
const ENDINGS = [".yaml", ".yml", ".json"];
/** Most files of a folder. */
const MOST_FILES = 20_000;

export interface FoundFiles {
  /** In the order of their paths. */
  readonly files: readonly string[];
  readonly problems: readonly ManifestProblem[];
  /** Charts, and what a kustomization takes for something else than an object. */
  readonly skipped: readonly Skipped[];
}

/**
 * The manifests of a folder and of those in it. Hidden files and folders and `node_modules` are passed over, and so are
 * a Helm chart's templates and values; links are followed inside the folder alone, and each file is found once, however
 * many links lead to it.
 */
export function filesIn(folder: string, excluded: Excluded = () => false): FoundFiles {
  const walk = new Walk(folder, realpathSync(folder), excluded);
  walk.enter(folder, []);
  const pieces = new Map(walk.files.filter((file) => isKustomization(file.split(sep).at(-1)!)).flatMap(piecesIn));
  const taken = (file: string): Skipped[] => {
    const kustomization = pieces.get(realpathSync(file));
    return kustomization === undefined ? [] : [{ file, what: `a piece of ${kustomization}, no object by itself` }];
  };
  const skipped = walk.files.flatMap(taken);
  const left = new Set(skipped.map(({ file }) => file));
  return {
    files: walk.files.filter((file) => !left.has(file)),
    problems: walk.problems,
    skipped: [...walk.skipped, ...skipped],
  };
}

/** Real paths of what a kustomization takes for something else than an object, each with the kustomization's file. */
function piecesIn(file: string): [string, string][] {
  try {
    if (statSync(file).size > LARGEST_TEXT) return [];
    const { value } = readDocument(readFileSync(file, "utf8"));
    return piecesOf(value).map((path) => [realpathOf(resolve(dirname(file), path)), file]);
  } catch {
    // Why it cannot be read is told when it is read as a manifest.
    return [];
  }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What of a chart's own folder is no manifest. */
const OF_CHART = /^(templates|Chart\.(yaml|lock)|values.*\.(ya?ml|json))$/;

class Walk implements FoundFiles {
  readonly files: string[] = [];
  readonly problems: ManifestProblem[] = [];
  readonly skipped: Skipped[] = [];
  private readonly seen = new Set<string>();
  private full = false;

  constructor(
    private readonly named: string,
    private readonly root: string,
    private readonly excluded: Excluded,
  ) {}

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
    const isChart = names.includes("Chart.yaml");
    if (isChart) {
      const chart = join(folder, "Chart.yaml");
      this.skipped.push({ file: chart, what: helmChart(chart) });
    }
    for (const name of names) {
      if (name.startsWith(".") || name === "node_modules" || (isChart && OF_CHART.test(name))) continue;
      if (this.full) return;
      this.look(join(folder, name), [...above, real]);
    }
  }

  private look(path: string, above: readonly string[]): void {
    const wanted = ENDINGS.includes(extname(path).toLowerCase());
    const inside = relative(this.named, path).split(sep).join("/");
    if (this.excluded(inside, false)) return;
    try {
      const real = realpathSync(path);
      const kind = statSync(path);
      if (kind.isDirectory() && this.excluded(inside, true)) return;
      const within = real === this.root || real.startsWith(this.root + sep);
      if (!within && (wanted || kind.isDirectory())) {
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
