type Fields = Readonly<Record<string, unknown>>;

/** Keys of a map, longest first: one may begin with another. */
const keysOf = (value: unknown): string[] =>
  typeof value === "object" && value !== null ? Object.keys(value).sort((a, b) => b.length - a.length) : [];

/** The step that a path begins with, and what is left of the path after it. */
function first(value: unknown, path: string): [step: PropertyKey, rest: string] {
  if (path.startsWith("[")) {
    // A key in brackets stands as it is, whatever is in it.
    const key = keysOf(value).find((each) => path.startsWith(`[${each}]`)) ?? /^\[(.*?)(?:\]|$)/.exec(path)![1]!;
    const step = /^\d+$/.test(key) && (Array.isArray(value) || value === undefined) ? Number(key) : key;
    return [step, path.slice(key.length + 2)];
  }
  // Decoding separates the keys of a map by dots too, and keys may hold dots.
  const known = keysOf(value).find((each) => each !== "" && /^(?:$|[.[])/.test(rest(path, each) ?? "-"));
  const key = known ?? /^[^.[]+/.exec(path)?.[0] ?? path;
  return [key, path.slice(key.length)];
}

const rest = (path: string, key: string): string | undefined =>
  path.startsWith(key) ? path.slice(key.length) : undefined;

/**
 * The steps into an object that the API server means by a path: `data[a.b]`, `spec.ports[0].name`, and, of decoding,
 * `metadata.labels.a.b/c`.
 */
export function fieldSteps(object: unknown, field: string): PropertyKey[] {
  const steps: PropertyKey[] = [];
  let value = object;
  for (let left = field; left !== "";) {
    const [step, after] = first(value, left.replace(/^\./, ""));
    steps.push(step);
    value = typeof value === "object" && value !== null ? (value as Fields)[String(step)] : undefined;
    left = after;
  }
  return steps;
}
