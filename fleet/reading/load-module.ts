import { createRequire } from "node:module";
import { resolve } from "node:path";

/**
 * Returns a named export of a module, its default export, or undefined. TypeScript modules require that the process runs
 * through tsx, as the command and the Pulumi program do.
 *
 * @throws if the module cannot be read or compiled, or throws itself
 */
export function loadExport(file: string, name: string): unknown {
  const module = createRequire(__filename)(resolve(file)) as Record<string, unknown> | undefined;
  return module?.[name] ?? module?.default;
}
