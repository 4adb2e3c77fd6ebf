import * as pulumi from "@pulumi/pulumi";

import type { Problem } from "../fleet/problem";
import { checkSplit, checkStackSettings, type StackSettings } from "../fleet/reading/stack-settings";
import { projectFolder } from "./project-folder";
import { readStackFiles } from "./stack-files";

/**
 * Reads the settings of the current stack: the keys `skerry:…` of its configuration.
 *
 * @throws Error with every problem, also with clusters that another stack of the environment deploys too, before anything is
 *   registered
 */
export function readStackSettings(): StackSettings {
  const stack = pulumi.getStack();
  const config = Object.entries(pulumi.runtime.allConfig()).map(([key, text]) => [key, parseValue(text)] as const);
  const result = checkStackSettings(stack, Object.fromEntries(config));
  const problems = result.ok ? findOverlaps(stack, result.settings) : result.problems;
  if (result.ok && problems.length === 0) return result.settings;
  const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  throw new Error(`${count} in Pulumi.${stack}.yaml:\n${lines.join("\n")}`);
}

/** Finds clusters that other stacks of the environment deploy too. The fleet, and so clusters of no stack, are not known here. */
function findOverlaps(stack: string, settings: StackSettings): readonly Problem[] {
  if (projectFolder === undefined) return [];
  const others = [...readStackFiles(projectFolder)].flatMap(([name, config]) => {
    const result = checkStackSettings(name, config);
    return result.ok && result.settings.environment === settings.environment ? [[name, result.settings] as const] : [];
  });
  const stacks = new Map([...others, [stack, settings]]);
  const named = new Set([...stacks.values()].flatMap(({ clusters = [] }) => clusters));
  return checkSplit([...named], stacks).get(stack)!;
}

/** Parses a value: programs get lists and mappings as JSON. */
function parseValue(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
