import { projectFolder } from "../components/project-folder";
import { readStackFiles } from "../components/stack-files";
import type { Problem } from "../fleet/reading/parse";
import { checkSplit, checkStackSettings, type StackSettings } from "../fleet/reading/stack-settings";

/** Problems of the settings of stacks, by stack. */
type Problems = ReadonlyMap<string, readonly Problem[]>;

function readProject(): { readonly settings: ReadonlyMap<string, StackSettings>; readonly problems: Problems } {
  const files = projectFolder === undefined ? [] : readStackFiles(projectFolder);
  const results = [...files].map(([stack, config]) => [stack, checkStackSettings(stack, config)] as const);
  return {
    settings: new Map(results.flatMap(([stack, result]) => (result.ok ? [[stack, result.settings] as const] : []))),
    problems: new Map(results.map(([stack, result]) => [stack, result.ok ? [] : result.problems])),
  };
}

function throwSettings(problems: Problems): void {
  const lines = [...problems].flatMap(([stack, found]) =>
    found.map(({ path, message }) => `Pulumi.${stack}.yaml: ${path}: ${message}`),
  );
  if (lines.length > 0) throw new Error(lines.join("\n  "));
}

/**
 * Reads the settings of a stack from `Pulumi.<stack>.yaml`. Without that file, the stack deploys the whole environment of its
 * name.
 *
 * @throws Error with every problem of the settings
 */
export function findSettings(stack: string): StackSettings {
  const { settings, problems } = readProject();
  throwSettings(new Map([[stack, problems.get(stack) ?? []]]));
  return settings.get(stack) ?? { environment: stack };
}

/** Returns the environment of a stack, also if its settings have problems, which Pulumi is needed to correct. */
export const environmentOf = (stack: string): string => readProject().settings.get(stack)?.environment ?? stack;

/**
 * Checks the settings of all stacks of the project: every cluster of an environment must belong to exactly one stack.
 *
 * @param clustersOf returns the clusters in the fleet of an environment; undefined if they are unknown
 * @returns the problems of each stack
 */
export async function checkStacks(
  clustersOf: (environment: string) => Promise<readonly string[] | undefined>,
): Promise<Problems> {
  const { settings, problems } = readProject();
  const environments = [...new Set([...settings.values()].map(({ environment }) => environment))];
  const splits = await Promise.all(
    environments.map(async (environment) => {
      const stacks = new Map([...settings].filter(([, each]) => each.environment === environment));
      try {
        const clusters = await clustersOf(environment);
        return clusters ? [...checkSplit(clusters, stacks)] : [];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [...stacks.keys()].map((stack) => [stack, [{ path: "skerry:environment", message }]] as const);
      }
    }),
  );
  const split = new Map(splits.flat());
  return new Map([...problems].map(([stack, own]) => [stack, [...own, ...(split.get(stack) ?? [])]]));
}

/**
 * Checks that every cluster of an environment belongs to exactly one of its stacks.
 *
 * @param clusters names of the clusters in the environment's fleet
 * @throws Error with every problem of all stacks in the project, apart from the fleets of other environments
 */
export async function checkEnvironment(environment: string, clusters: readonly string[]): Promise<void> {
  throwSettings(await checkStacks(async (each) => (each === environment ? clusters : undefined)));
}
