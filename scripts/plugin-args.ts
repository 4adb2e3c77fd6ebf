/**
 * Generates the JSON Schema and the TypeScript types of the scheduler plugins' arguments from their Go types.
 *
 *   npx tsx scripts/plugin-args.ts [--check]
 *
 * `--check` writes nothing and exits with 1 when a file is out of date.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { format, resolveConfig } from "prettier";

const root = join(__dirname, "..");
const SCHEMA = "fleet/kubernetes/plugin-args.schema.json";
const TYPES = "fleet/kubernetes/plugin-args.generated.ts";

interface Property {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: "string" | "number" | "boolean";
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly format?: "duration";
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly formatMinimum?: string;
  readonly formatMaximum?: string;
  readonly default?: unknown;
}

interface Definition extends Property {
  readonly properties?: Readonly<Record<string, Property>>;
}

function generateSchema(): string {
  const folder = join(root, "toolchain", "plugin-args");
  const types = join(root, "runtime", "apis", "config", "v1");
  return execFileSync("go", ["run", ".", types], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, GOWORK: "off" },
  });
}

/** Renders the range of a value as a sentence, or nothing where every value is allowed. */
function renderRange(property: Property): string {
  const { minimum, exclusiveMinimum, maximum, formatMinimum, formatMaximum } = property;
  if (property.format === "duration") {
    return ` A Go duration, such as \`90s\`, from \`${formatMinimum}\` to \`${formatMaximum}\`.`;
  }
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
  return bounds.length === 0 ? "" : ` Must be ${bounds.join(" and ")}.`;
}

/** Breaks a text into lines of at most 110 characters. */
function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)!} ${word}`.trimStart();
    if (line.length <= 110) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines;
}

function renderComment(property: Property): string {
  const lines = wrap(`${property.description ?? ""}${renderRange(property)}`);
  if (property.default !== undefined) lines.push("", `@default ${JSON.stringify(property.default)}`);
  return lines.length === 1
    ? `/** ${lines[0]} */`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */`;
}

function renderType({ $ref, type, enum: allowed }: Property): string {
  if ($ref !== undefined) return $ref.split("/").at(-1)!;
  return allowed ? allowed.map((value) => JSON.stringify(value)).join(" | ") : type!;
}

function renderDefinition(name: string, definition: Definition): string {
  const comment = renderComment(definition);
  if (!definition.properties) return `${comment}\nexport type ${name} = ${renderType(definition)};`;
  const fields = Object.entries(definition.properties)
    // The chart writes the type of the arguments itself.
    .filter(([, property]) => property.const === undefined)
    .map(([field, property]) => `${renderComment(property)}\nreadonly ${field}?: ${renderType(property)};`);
  return `${comment}\nexport interface ${name} {\n${fields.join("\n")}\n}`;
}

function renderTypes(schema: string): string {
  const { $comment, $defs } = JSON.parse(schema) as { $comment: string; $defs: Record<string, Definition> };
  const types = Object.entries($defs).map(([name, definition]) => renderDefinition(name, definition));
  return [`// ${$comment}`, ...types].join("\n\n");
}

async function main(check: boolean): Promise<boolean> {
  const schema = generateSchema();
  const options = await resolveConfig(join(root, TYPES));
  const files = {
    [SCHEMA]: await format(schema, { ...options, parser: "json" }),
    [TYPES]: await format(renderTypes(schema), { ...options, parser: "typescript" }),
  };
  const stale = Object.entries(files).filter(([file, text]) => {
    const path = join(root, file);
    return !existsSync(path) || readFileSync(path, "utf8") !== text;
  });
  for (const [file, text] of stale) {
    if (check) process.stderr.write(`${file} is out of date: run make generate\n`);
    else writeFileSync(join(root, file), text);
  }
  return !check || stale.length === 0;
}

void main(process.argv.includes("--check")).then((passed) => {
  if (!passed) process.exitCode = 1;
});
