import { formatPath } from "../../fleet/problem";

/** The properties of a planned resource as plain data. */
export interface PlainProperties {
  /** The properties, without the values that are unknown during preview. */
  readonly value: unknown;
  /** Paths of the unknown values. */
  readonly unknownPaths: readonly string[];
}

/**
 * Copies the properties of a resource. Pulumi wraps them in proxies that throw when an unknown value is read, and that make
 * every further read as slow as the first.
 */
export function readProperties(props: unknown): PlainProperties {
  const unknownPaths: string[] = [];
  const copy = (value: unknown, steps: readonly PropertyKey[]): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.keys(value).flatMap((key) => {
      const step = Array.isArray(value) ? Number(key) : key;
      try {
        return [[key, copy((value as Record<string, unknown>)[key], [...steps, step])] as const];
      } catch (error) {
        if ((error as Error).constructor.name !== "UnknownValueError") throw error;
        unknownPaths.push(formatPath([...steps, step]));
        return [];
      }
    });
    if (!Array.isArray(value)) return Object.fromEntries(entries);
    // Items keep their index, so that paths stay correct.
    const items: unknown[] = Array.from({ length: value.length });
    for (const [key, item] of entries) items[Number(key)] = item;
    return items;
  };
  return { value: copy(props, []), unknownPaths };
}
