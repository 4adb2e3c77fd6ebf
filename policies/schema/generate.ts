/**
 * Writes what Kubernetes says of its own kinds, a file for each minor version.
 *
 *   npx tsx policies/schema/generate.ts [--check]
 *
 * The source is the OpenAPI document inside the Go module of Kubernetes, which the Go command fetches (20 MB each, once)
 * and holds against the checksum stated here. `--check` writes nothing and ends with 1 when a file is not as it would be
 * written.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { schemaFile } from "./versions";

/** One release for each minor version, with the checksum of its Go module (`h1:`, as in a go.sum). */
const RELEASES: Readonly<Record<string, { readonly release: string; readonly sum: string }>> = {
  "1.34": { release: "1.34.4", sum: "h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=" },
  "1.35": { release: "1.35.4", sum: "h1:o/8dBC/pHVpYoGV4OAIytAlNPZbdYVTXJHoYvXC4qzM=" },
  "1.36": { release: "1.36.3", sum: "h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=" },
  "1.37": { release: "1.37.2", sum: "h1:A2VDEiObzkYqFTKhSsn0ZEb0RlLEXpHWj93gi2HqEwE=" },
};

interface Definition {
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly items?: Definition;
  readonly additionalProperties?: Definition | boolean;
  readonly $ref?: string;
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
  readonly [keyword: string]: unknown;
}

const PREFIX = "#/definitions/";
const METADATA = `${PREFIX}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`;

/** What decides whether an object has the form; descriptions and hints for clients do not. */
function slim(definition: Definition): Record<string, unknown> {
  const { type, format, required, $ref, properties, items, additionalProperties } = definition;
  return Object.fromEntries(
    Object.entries({
      $ref,
      type,
      format,
      required: required && [...(required as string[])].sort(),
      items: items && slim(items),
      additionalProperties:
        typeof additionalProperties === "object" ? slim(additionalProperties) : additionalProperties,
      properties: properties && sorted(Object.entries(properties).map(([name, each]) => [name, slim(each)])),
    }).filter(([, value]) => value !== undefined),
  );
}

const sorted = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Definitions that the kinds refer to, directly or through others. */
function reachable(all: Readonly<Record<string, Definition>>, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { $ref } = value as Definition;
    if (typeof $ref === "string") add($ref.slice(PREFIX.length));
    Object.values(value).forEach(visit);
  };
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    visit(slim(all[name]!));
  };
  from.forEach(add);
  return found;
}

/** The file of one release, a definition a line, so that a newer release shows as what it changed. */
export function schemaText(
  release: string,
  swagger: { readonly definitions: Readonly<Record<string, Definition>> },
): string {
  const { definitions } = swagger;
  const kinds = sorted(
    Object.entries(definitions)
      // Lists, options and watch events are no objects.
      .filter(([, { properties }]) => properties?.metadata?.$ref === METADATA)
      .flatMap(([name, { "x-kubernetes-group-version-kind": versions = [] }]) =>
        versions.map(
          ({ group, version, kind }) => [`${group === "" ? "" : `${group}/`}${version} ${kind}`, name] as const,
        ),
      ),
  );
  const kept = [...reachable(definitions, [...Object.values(kinds), METADATA.slice(PREFIX.length)])];
  const lines = (record: Readonly<Record<string, unknown>>): string =>
    Object.entries(record)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n");
  return [
    "{",
    `  "source": ${JSON.stringify(`k8s.io/kubernetes v${release}, api/openapi-spec/swagger.json`)},`,
    `  "kinds": {\n${lines(kinds)}\n  },`,
    `  "definitions": {\n${lines(sorted(kept.map((name) => [name, slim(definitions[name]!)])))}\n  }`,
    "}\n",
  ].join("\n");
}

/** Folder of the module, fetched if it is not on this machine yet. */
function moduleFolder(release: string, sum: string): string {
  const command = ["mod", "download", "-json", `k8s.io/kubernetes@v${release}`];
  // Outside of any module, so that none takes part in the choice of versions.
  const output = execFileSync("go", command, { cwd: tmpdir(), env: { ...process.env, GOFLAGS: "", GOWORK: "off" } });
  const { Dir: folder, Sum: got } = JSON.parse(output.toString()) as { Dir: string; Sum: string };
  if (got !== sum) throw new Error(`k8s.io/kubernetes v${release}: got checksum ${got}, pinned is ${sum}`);
  return folder;
}

function fileOf(minor: string): string {
  const { release, sum } = RELEASES[minor]!;
  const swagger = readFileSync(join(moduleFolder(release, sum), "api/openapi-spec/swagger.json"), "utf8");
  return schemaText(release, JSON.parse(swagger) as { definitions: Record<string, Definition> });
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function main(): void {
  const check = process.argv.includes("--check");
  for (const minor of Object.keys(RELEASES)) {
    const file = schemaFile(minor);
    const text = fileOf(minor);
    if (current(file) === text) continue;
    if (check) {
      process.stderr.write(`${file} is not what its source makes it: run make generate\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

if (require.main === module) main();
