import { pathText } from "../fleet/problem";
import type { CloudResource, Violation } from "./engine/rule";

/**
 * Returns a nested value of a resource, or undefined if it is unset or not known yet. A rule reports a missing value at its
 * path. The plan drops the finding if the value at that path is only known after the deployment.
 */
export function valueAt({ props }: Pick<CloudResource, "props">, ...steps: readonly PropertyKey[]): unknown {
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    props,
  );
}

/** Returns the objects of a nested list, each with its path. Items that are not known yet are skipped. */
export function itemsAt(
  resource: Pick<CloudResource, "props">,
  ...steps: readonly PropertyKey[]
): { readonly item: Readonly<Record<string, unknown>>; readonly steps: readonly PropertyKey[] }[] {
  const list = valueAt(resource, ...steps);
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((item, index) =>
    typeof item === "object" && item !== null
      ? [{ item: item as Readonly<Record<string, unknown>>, steps: [...steps, index] }]
      : [],
  );
}

/** Reports whether a value is true. Some fields of launch templates are strings instead of booleans. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";

export const violation = (steps: readonly PropertyKey[], message: string): Violation => ({
  path: pathText(steps),
  message,
});
