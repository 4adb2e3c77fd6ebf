import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

/**
 * Validates the arguments of Skerry's scheduler plugins against the JSON Schema that `make generate` writes from the Go
 * types in runtime/apis/config/v1.
 */

/** The keywords of JSON Schema 2020-12 that the generator uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: "object" | "string" | "number" | "boolean";
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly format?: "duration";
  readonly formatMinimum?: string;
  readonly formatMaximum?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

const FILE = join(__dirname, "../../fleet/kubernetes/plugin-args.schema.json");
const { $defs } = JSON.parse(readFileSync(FILE, "utf8")) as { readonly $defs: Readonly<Record<string, Schema>> };

/** Durations as Go's `time.ParseDuration` reads them, such as `90s` and `1h30m`. */
const DURATION = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;
const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Parses a Go duration to seconds; NaN if it is malformed. */
function parseDuration(text: string): number {
  if (!DURATION.test(text)) return Number.NaN;
  const parts = text.matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)/g);
  const seconds = [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * SECONDS[unit!]!, 0);
  return text.startsWith("-") ? -seconds : seconds;
}

function durationType({ formatMinimum = "0s", formatMaximum = "24h" }: Schema): z.ZodType {
  const [low, high] = [parseDuration(formatMinimum), parseDuration(formatMaximum)];
  return z.string().refine((text) => {
    const seconds = parseDuration(text);
    return seconds >= low && seconds <= high;
  }, `must be a duration from ${formatMinimum} to ${formatMaximum}, such as 90s`);
}

function numberType({ minimum, exclusiveMinimum, maximum }: Schema): z.ZodType {
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`greater than ${exclusiveMinimum}`]),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
  const message = `must be ${bounds.join(" and ")}`;
  let type = z.number();
  if (exclusiveMinimum !== undefined) type = type.gt(exclusiveMinimum, message);
  if (minimum !== undefined) type = type.min(minimum, message);
  if (maximum !== undefined) type = type.max(maximum, message);
  return type;
}

function objectType({ properties = {}, required = [], anyOf }: Schema): z.ZodType {
  const fields = Object.entries(properties).map(
    // Go decodes null as absent.
    ([name, schema]) => [name, required.includes(name) ? typeFor(schema) : typeFor(schema).nullish()] as const,
  );
  const type = z.strictObject(Object.fromEntries(fields));
  if (!anyOf) return type;
  const branches = anyOf.map((branch) => Object.entries(branch.properties ?? {})).flat();
  const fits = (value: Readonly<Record<string, unknown>>): boolean =>
    branches.some(([name, branch]) => numberType(branch).nullish().safeParse(value[name]).success);
  const message = `at least one must be above ${branches[0]?.[1].exclusiveMinimum}`;
  return type.refine(fits, `${branches.map(([name]) => name).join(", ")}: ${message}`);
}

function typeFor(schema: Schema): z.ZodType {
  if (schema.$ref !== undefined) return typeFor($defs[schema.$ref.split("/").at(-1)!]!);
  if (schema.const !== undefined) return z.literal(schema.const);
  if (schema.enum) return z.enum(schema.enum as [string, ...string[]]);
  if (schema.format === "duration") return durationType(schema);
  if (schema.type === "object") return objectType(schema);
  if (schema.type === "number") return numberType(schema);
  return schema.type === "boolean" ? z.boolean() : z.string();
}

/** The validators of plugin arguments, by plugin name. */
export const pluginArgs: ReadonlyMap<string, z.ZodType> = new Map(
  Object.entries($defs)
    .filter(([, { properties = {} }]) => properties.kind)
    .map(([kind, schema]) => [kind.replace(/Args$/, ""), typeFor(schema)]),
);

/** Names of all fields of plugin arguments, for suggestions. */
export const pluginArgFields: readonly string[] = Object.values($defs).flatMap(({ properties = {} }) =>
  Object.keys(properties),
);
