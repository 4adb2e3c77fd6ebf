import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { load } from "js-yaml";

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
    const document = load(readFileSync(join(project, file), "utf8")) as { readonly config?: unknown } | null;
    return (document?.config ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
  }
}
