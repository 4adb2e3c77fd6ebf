import { z } from "zod";

import { describeUnknown, type Problem } from "../problem";
import { MUST_NOT_BE_EMPTY } from "./forms";
import { dnsLabel } from "./schema-forms";
import { describeIssues } from "./shape-problems";

/** Namespace of Skerry's keys in the configuration of a stack. */
const NAMESPACE = "skerry:";

/** The settings of a stack: the keys `skerry:…` in `Pulumi.<stack>.yaml`. */
export interface StackSettings {
  /** Environment that the stack belongs to. It selects the fleet and the severities of rules. @default - the stack's name */
  readonly environment: string;
  /** Clusters of the environment's fleet that the stack deploys. @default - all */
  readonly clusters?: readonly string[];
}

const schema = z.strictObject({
  environment: dnsLabel.optional(),
  clusters: z.array(dnsLabel).min(1, MUST_NOT_BE_EMPTY).optional(),
});

/** The settings of a stack, or every problem of them. */
export type StackSettingsResult =
  | { readonly ok: true; readonly settings: StackSettings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads the settings of a stack from its configuration and finds all problems at once. Keys of other namespaces are ignored.
 *
 * @param stack name of the stack
 * @param config the configuration by key, such as `skerry:clusters`
 */
export function checkStackSettings(stack: string, config: Readonly<Record<string, unknown>>): StackSettingsResult {
  const own = Object.entries(config).filter(([key]) => key.startsWith(NAMESPACE));
  const input = Object.fromEntries(own.map(([key, value]) => [key.slice(NAMESPACE.length), value]));
  const result = schema.safeParse(input);
  const shape = result.success ? [] : describeIssues(result.error.issues, input, () => Object.keys(schema.shape));
  const problems = [...shape, ...findDuplicates(input.clusters)].map(({ path, message }) => ({
    path: `${NAMESPACE}${path}`,
    message,
  }));
  if (!result.success || problems.length > 0) return { ok: false, problems };
  const { environment = stack, clusters } = result.data;
  return { ok: true, settings: { environment, ...(clusters && { clusters }) } };
}

function findDuplicates(clusters: unknown): Problem[] {
  if (!Array.isArray(clusters)) return [];
  return (clusters as unknown[]).flatMap((name, index) =>
    clusters.indexOf(name) < index
      ? [{ path: `clusters[${index}]`, message: `must be unique, got ${JSON.stringify(name)} again` }]
      : [],
  );
}

/**
 * Checks that every cluster of an environment belongs to exactly one of its stacks.
 *
 * @param clusters names of the clusters in the environment's fleet
 * @param stacks settings of all stacks of the environment, by stack
 * @returns problems by stack; those of no single stack are reported for each of them
 */
export function checkSplit(
  clusters: readonly string[],
  stacks: ReadonlyMap<string, StackSettings>,
): ReadonlyMap<string, readonly Problem[]> {
  const owners = new Map<string, string[]>();
  for (const [stack, { clusters: own = clusters }] of stacks)
    for (const cluster of own) owners.set(cluster, [...(owners.get(cluster) ?? []), stack]);
  const missing = stacks.size === 0 ? [] : clusters.filter((cluster) => !owners.has(cluster));
  return new Map(
    [...stacks].map(([stack, { clusters: own }]) => [
      stack,
      [
        ...(own ?? clusters).flatMap((cluster, index): Problem[] => {
          const path = own ? `${NAMESPACE}clusters[${index}]` : `${NAMESPACE}clusters`;
          if (!clusters.includes(cluster)) return [{ path, message: describeUnknown("cluster", cluster, clusters) }];
          const others = owners.get(cluster)!.filter((other) => other !== stack);
          return others.length === 0
            ? []
            : [
                {
                  path,
                  message: `cluster "${cluster}" also belongs to stack ${others.join(", ")}; must belong to one stack`,
                },
              ];
        }),
        ...missing.map((cluster): Problem => ({
          path: `${NAMESPACE}clusters`,
          message: `cluster "${cluster}" belongs to no stack of the environment; add it to one of: ${[...stacks.keys()].sort().join(", ")}`,
        })),
      ],
    ]),
  );
}
