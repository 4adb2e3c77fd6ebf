import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { checkStackSettings, type StackSettings } from "../fleet/reading/stack-settings";

const FILE = /^Pulumi\.(.+)\.yaml$/;

/**
 * Returns the configuration of each stack that has a `Pulumi.<stack>.yaml`, by stack. Secrets stay encrypted.
 *
 * @throws Error if a file is not YAML
 */
export function readStackFiles(project: string): Map<string, Readonly<Record<string, unknown>>> {
  const stacks = readdirSync(project).flatMap((file) => FILE.exec(file)?.[1] ?? []);
  return new Map(stacks.sort().map((stack) => [stack, readConfig(project, `Pulumi.${stack}.yaml`)]));
}

function readConfig(project: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const document = parse(readFileSync(join(project, file), "utf8")) as { readonly config?: unknown } | null;
    return (document?.config ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
  }
}

/**
 * Reads the settings of the current stack: the keys `skerry:…` of its configuration.
 *
 * @throws Error with every problem, before anything is registered
 */
export function readStackSettings(): StackSettings {
  const stack = pulumi.getStack();
  const config = Object.entries(pulumi.runtime.allConfig()).map(([key, text]) => [key, parseValue(text)] as const);
  const result = checkStackSettings(stack, Object.fromEntries(config));
  if (result.ok) return result.settings;
  const problems = result.problems.map(({ path, message }) => `  ${path}: ${message}`);
  throw new Error(
    `${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in Pulumi.${stack}.yaml:\n${problems.join("\n")}`,
  );
}

/** Programs get lists and mappings as JSON. */
function parseValue(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
