import { formatPath } from "../fleet/problem";
import type { CloudResource, Violation } from "./engine/rule";

/**
 * A value deep inside a resource. Undefined where nothing is stated or nothing is known yet: whoever finds it missing
 * says so at its path, and is not heard where that value is one that only the cloud can tell.
 */
export function valueAt({ props }: Pick<CloudResource, "props">, ...steps: readonly PropertyKey[]): unknown {
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    props,
  );
}

/** Items of a list inside a resource, each with its place; gaps stand for items that are not known yet. */
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

/** Some fields of launch templates take the words for what are truth values elsewhere. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";

export const violation = (steps: readonly PropertyKey[], message: string): Violation => ({
  path: formatPath(steps),
  message,
});
