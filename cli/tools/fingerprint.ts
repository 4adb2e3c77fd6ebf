import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { moduleFolder, type Tool } from "./catalogue";
import { compilerFlags } from "./go-flags";

let goEnvironment: string | undefined;

/** Returns the version and target of Go, which determine the binary. */
function goTarget(): string {
  goEnvironment ??= execFileSync("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { encoding: "utf8" });
  return goEnvironment;
}

/** Tests, and files that `go generate` extracts from pinned modules during a build. */
const EXCLUDED = /_test\.go$|^zz_generated\.(schema|terraform-mapping)\.json$/;

function* listSources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* listSources(path);
    else if (!EXCLUDED.test(entry.name)) yield path;
  }
}

/** Returns a hash of the inputs of a build, 16 hex digits: pinned versions, sources, flags and Go itself. */
export function fingerprint(tool: Tool): string {
  const folder = moduleFolder(tool.build);
  const hash = createHash("sha256");
  hash.update(JSON.stringify([tool.build, compilerFlags(tool.build)])).update(goTarget());
  const files = tool.build.ownSources
    ? [...listSources(folder)].filter((path) => /\.(go|mod|sum|yaml|json)$/.test(path))
    : [join(folder, "go.mod"), join(folder, "go.sum")];
  for (const file of files) hash.update(relative(folder, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}
