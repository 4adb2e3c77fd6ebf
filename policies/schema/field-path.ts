type Fields = Readonly<Record<string, unknown>>;

/** Returns the keys of a mapping, longest first, because one key may be a prefix of another. */
const keysOf = (value: unknown): string[] =>
  typeof value === "object" && value !== null ? Object.keys(value).sort((a, b) => b.length - a.length) : [];

/** Splits off the first step of a path. */
function splitFirst(value: unknown, path: string): [step: PropertyKey, rest: string] {
  if (path.startsWith("[")) {
    // A key in brackets is not escaped.
    const key = keysOf(value).find((each) => path.startsWith(`[${each}]`)) ?? /^\[(.*?)(?:\]|$)/.exec(path)![1]!;
    const step = /^\d+$/.test(key) && (Array.isArray(value) || value === undefined) ? Number(key) : key;
    return [step, path.slice(key.length + 2)];
  }
  // Errors of decoding separate keys of mappings by dots, although keys may contain dots.
  const matching = keysOf(value).find((each) => each !== "" && /^(?:$|[.[])/.test(rest(path, each) ?? "-"));
  const key = matching ?? /^[^.[]+/.exec(path)?.[0] ?? path;
  return [key, path.slice(key.length)];
}

const rest = (path: string, key: string): string | undefined =>
  path.startsWith(key) ? path.slice(key.length) : undefined;

/**
 * Parses a path in an error of the API server: `data[a.b]`, `spec.ports[0].name`, or `metadata.labels.a.b/c` in an error of
 * decoding.
 *
 * @param object the object that the path refers to; its keys resolve ambiguous paths
 */
export function parseFieldPath(object: unknown, field: string): PropertyKey[] {
  const steps: PropertyKey[] = [];
  let value = object;
  for (let left = field; left !== "";) {
    const [step, after] = splitFirst(value, left.replace(/^\./, ""));
    steps.push(step);
    value = typeof value === "object" && value !== null ? (value as Fields)[String(step)] : undefined;
    left = after;
  }
  return steps;
}
