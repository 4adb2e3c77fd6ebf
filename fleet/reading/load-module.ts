import { createRequire } from "node:module";
import { resolve } from "node:path";

/**
 * What a module exports under a name, or as its default; undefined when it does neither. TypeScript is read by whatever
 * runs this process: the command and the Pulumi program both run through tsx.
 *
 * @throws what the module throws, and where it cannot be read or compiled
 */
export function loadExport(file: string, name: string): unknown {
  const module = createRequire(__filename)(resolve(file)) as Record<string, unknown> | undefined;
  return module?.[name] ?? module?.default;
}
