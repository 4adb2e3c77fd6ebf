import { formatPath } from "../../fleet/problem";

/** What is known of a resource before it is made. */
export interface Known {
  /** Plain data; a value that only the cloud can tell is absent. */
  readonly value: unknown;
  /** Paths of what is absent for that reason. */
  readonly unknown: readonly string[];
}

/**
 * Copies a resource's properties. Pulumi hands them out behind proxies that throw where a value is not known yet, and
 * that make every further look as slow as the first.
 */
export function known(props: unknown): Known {
  const unknown: string[] = [];
  const copy = (value: unknown, steps: readonly PropertyKey[]): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.keys(value).flatMap((key) => {
      const step = Array.isArray(value) ? Number(key) : key;
      try {
        return [[key, copy((value as Record<string, unknown>)[key], [...steps, step])] as const];
      } catch (error) {
        if ((error as Error).constructor.name !== "UnknownValueError") throw error;
        unknown.push(formatPath([...steps, step]));
        return [];
      }
    });
    if (!Array.isArray(value)) return Object.fromEntries(entries);
    // Items keep their places, so that paths stay true.
    const items: unknown[] = Array.from({ length: value.length });
    for (const [key, item] of entries) items[Number(key)] = item;
    return items;
  };
  return { value: copy(props, []), unknown };
}

const within = (path: string, outer: string): boolean =>
  outer === "" || path === outer || (path.startsWith(outer) && /^[.[]/.test(path.slice(outer.length)));

/** Whether a violation may be nothing but a value that is not known yet. */
export function mayBeUnknown(path: string, { unknown }: Known): boolean {
  return unknown.some((each) => within(each, path) || within(path, each));
}
