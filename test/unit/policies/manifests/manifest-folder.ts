import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { nameOf } from "../../../../fleet/kubernetes/object";
import type { Manifest } from "../../../../policies/manifests/objects";
import { readManifests } from "../../../../policies/manifests/read";

/** What was read, as texts that are easy to compare. */
interface ReadResult {
  readonly names: readonly string[];
  readonly problems: readonly string[];
  readonly skipped: readonly string[];
  readonly manifests: readonly Manifest[];
}

/** A temporary folder with manifests, created anew for each test. */
export class ManifestFolder {
  path!: string;

  constructor() {
    beforeEach(() => (this.path = mkdtempSync(join(tmpdir(), "skerry-manifests-"))));
    afterEach(() => rmSync(this.path, { recursive: true, force: true }));
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, file)), { recursive: true });
      writeFileSync(join(this.path, file), text);
    }
  }

  /** Reads the folder, or paths in it. Problems and skipped files have paths relative to the folder. */
  read(...paths: string[]): ReadResult {
    return this.readWithout([], ...paths);
  }

  /** Reads the folder, or paths in it, without the paths that match the patterns. */
  readWithout(exclude: readonly string[], ...paths: string[]): ReadResult {
    const roots = paths.length > 0 ? paths.map((path) => join(this.path, path)) : [this.path];
    const { manifests, problems, skipped } = readManifests(roots, exclude);
    return {
      names: manifests.map(({ object }) => `${object.kind} ${nameOf(object)}`),
      problems: problems.map((problem) => `${this.location(problem)}: ${problem.message}`),
      skipped: skipped.map((each) => `${this.location(each)}: ${each.what.replaceAll(this.path, "FOLDER")}`),
      manifests,
    };
  }

  private location({ file, line }: { readonly file: string; readonly line?: number }): string {
    return `${relative(this.path, file)}${line === undefined ? "" : `:${line}`}`;
  }
}

/** A ConfigMap in YAML, followed by more lines. */
export const configMap = (name: string, more = ""): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
