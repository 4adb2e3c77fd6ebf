import { projectFolder } from "../components/project-folder";
import { readStackFiles } from "../components/stack-settings";
import type { Problem } from "../fleet/reading/parse";
import { checkSplit, checkStackSettings, type StackSettings } from "../fleet/reading/stack-settings";

/** The settings of all stacks of a project, and their problems by stack. */
interface ProjectSettings {
  readonly settings: ReadonlyMap<string, StackSettings>;
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

function readProject(): ProjectSettings {
  const files = projectFolder === undefined ? [] : readStackFiles(projectFolder);
  const results = [...files].map(([stack, config]) => [stack, checkStackSettings(stack, config)] as const);
  return {
    settings: new Map(results.flatMap(([stack, result]) => (result.ok ? [[stack, result.settings] as const] : []))),
    problems: new Map(results.map(([stack, result]) => [stack, result.ok ? [] : result.problems])),
  };
}

/** Error with every problem in the settings of one or more stacks. */
function settingsError(problems: ReadonlyMap<string, readonly Problem[]>): Error {
  const lines = [...problems].flatMap(([stack, found]) =>
    found.map(({ path, message }) => `Pulumi.${stack}.yaml: ${path}: ${message}`),
  );
  return new Error(lines.join("\n  "));
}

/**
 * Reads the settings of a stack from `Pulumi.<stack>.yaml`. Without that file, the stack deploys the whole environment of its
 * name.
 *
 * @throws Error with every problem of the settings
 */
export function findSettings(stack: string): StackSettings {
  const { settings, problems } = readProject();
  const own = problems.get(stack) ?? [];
  if (own.length > 0) throw settingsError(new Map([[stack, own]]));
  return settings.get(stack) ?? { environment: stack };
}

/**
 * Checks the settings of all stacks that share the environment of a stack: every cluster must belong to exactly one of them.
 *
 * @param clusters names of the clusters in the environment's fleet
 * @throws Error with every problem
 */
export function checkEnvironment(environment: string, clusters: readonly string[]): void {
  const { settings, problems } = readProject();
  const stacks = new Map([...settings].filter(([, each]) => each.environment === environment));
  const split = checkSplit(clusters, stacks);
  const all = new Map([...problems].map(([stack, own]) => [stack, [...own, ...(split.get(stack) ?? [])]]));
  if ([...all.values()].some((found) => found.length > 0)) throw settingsError(all);
}
