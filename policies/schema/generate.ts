/**
 * Generates the schemas of Kubernetes' kinds, one file per minor version.
 *
 *   npx tsx policies/schema/generate.ts [--check]
 *
 * The source is the OpenAPI document in the Go module of Kubernetes. The Go command downloads each module once (20 MB), and
 * its checksum is compared with the one below. `--check` writes nothing and exits with 1 when a file is out of date.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { schemaFile } from "./versions";

/** One release per minor version, with the checksum of its Go module as in go.sum. */
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

/** Reduces a definition to the keywords that validation uses, without descriptions and hints for clients. */
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
      properties: properties && sortEntries(Object.entries(properties).map(([name, each]) => [name, slim(each)])),
    }).filter(([, value]) => value !== undefined),
  );
}

const sortEntries = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Returns the names of definitions and of all definitions that they refer to. */
function findReachable(all: Readonly<Record<string, Definition>>, from: readonly string[]): Set<string> {
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

/** Renders the schema of a release, one definition per line, so that a newer release has a small diff. */
export function renderSchema(
  release: string,
  swagger: { readonly definitions: Readonly<Record<string, Definition>> },
): string {
  const { definitions } = swagger;
  const kinds = sortEntries(
    Object.entries(definitions)
      // Lists, options and watch events are not objects.
      .filter(([, { properties }]) => properties?.metadata?.$ref === METADATA)
      .flatMap(([name, { "x-kubernetes-group-version-kind": versions = [] }]) =>
        versions.map(
          ({ group, version, kind }) => [`${group === "" ? "" : `${group}/`}${version} ${kind}`, name] as const,
        ),
      ),
  );
  const kept = [...findReachable(definitions, [...Object.values(kinds), METADATA.slice(PREFIX.length)])];
  const lines = (record: Readonly<Record<string, unknown>>): string =>
    Object.entries(record)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n");
  return [
    "{",
    `  "source": ${JSON.stringify(`k8s.io/kubernetes v${release}, api/openapi-spec/swagger.json`)},`,
    `  "kinds": {\n${lines(kinds)}\n  },`,
    `  "definitions": {\n${lines(sortEntries(kept.map((name) => [name, slim(definitions[name]!)])))}\n  }`,
    "}\n",
  ].join("\n");
}

/** Returns the folder of the module. Downloads it if necessary. */
function downloadModule(release: string, sum: string): string {
  const command = ["mod", "download", "-json", `k8s.io/kubernetes@v${release}`];
  // Run outside of any module, so that no go.mod affects the version.
  const output = execFileSync("go", command, { cwd: tmpdir(), env: { ...process.env, GOFLAGS: "", GOWORK: "off" } });
  const { Dir: folder, Sum: actual } = JSON.parse(output.toString()) as { Dir: string; Sum: string };
  if (actual !== sum) throw new Error(`k8s.io/kubernetes v${release}: got checksum ${actual}, must be ${sum}`);
  return folder;
}

function generateSchema(minor: string): string {
  const { release, sum } = RELEASES[minor]!;
  const swagger = readFileSync(join(downloadModule(release, sum), "api/openapi-spec/swagger.json"), "utf8");
  return renderSchema(release, JSON.parse(swagger) as { definitions: Record<string, Definition> });
}

function readIfPresent(file: string): string | undefined {
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
    const text = generateSchema(minor);
    if (readIfPresent(file) === text) continue;
    if (check) {
      process.stderr.write(`${file} is out of date: run make generate\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

if (require.main === module) main();
