import { distance } from "fastest-levenshtein";

/** One problem in a fleet, a policy or a manifest. */
export interface Problem {
  /** Path of the field, such as `clusters[1].nodePools[0].count`. Empty for the document as a whole. */
  readonly path: string;
  /** What is required, the value found and, where it is not obvious, the remedy: `must be at least 1, got 0`. */
  readonly message: string;
}

/** Formats a path: `clusters[1].nodePools[0].count`, `labels["a.b/c"]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    const key = String(step);
    if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

const STEP = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([A-Za-z_][\w-]*)/gy;

/** Parses a path that {@link formatPath} wrote. Stops at the first character that is not part of a path. */
export function parsePath(path: string): PropertyKey[] {
  const steps: PropertyKey[] = [];
  for (const [, index, quoted, key] of path.matchAll(STEP)) {
    steps.push(index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : key!);
  }
  return steps;
}

/** Longest value that a message quotes in full, in characters. */
const MAX_VALUE_LENGTH = 80;

/** Formats a value for a message. Lists and mappings are named, not printed. */
export function formatValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = Array.isArray(value)
    ? value.length === 0
      ? "an empty list"
      : "a list"
    : typeof value === "object" && value !== null
      ? "a mapping"
      : JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

/** Longest name to find a similar one for: the longest DNS name. The comparison takes time quadratic in the length. */
const MAX_NAME_LENGTH = 253;

/** Returns `: did you mean "sydney"?` if one of the names is similar to the one found, and an empty string otherwise. */
export function suggestName(got: string, names: readonly string[]): string {
  if (got.length > MAX_NAME_LENGTH) return "";
  // A field that exists elsewhere under the same name is no suggestion.
  const [nearest] = names
    .filter((name) => name !== got)
    .map((name) => ({ name, edits: distance(got.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  // Two transposed letters count as two edits.
  const maxEdits = got.length < 5 ? 1 : Math.max(2, Math.floor(got.length / 3));
  return nearest && nearest.edits <= maxEdits ? `: did you mean ${JSON.stringify(nearest.name)}?` : "";
}

/** Describes the values that a field may have: `must be one of: sd, ssd`. Quotes strings only where they need it. */
export function describeAllowed(values: readonly unknown[]): string {
  const list = values.map((value) =>
    typeof value === "string" && /^[A-Za-z0-9][\w./:=-]*$/.test(value) ? value : formatValue(value),
  );
  return list.length === 1 ? `must be ${list[0]}` : `must be one of: ${list.join(", ")}`;
}

/**
 * Describes a reference to a name that does not exist:
 * `unknown region "sidney": did you mean "sydney"? (must be one of: sydney, tokyo)`.
 *
 * @param kind what the name refers to, such as `region`
 * @param names the names that exist
 */
export function describeUnknown(kind: string, got: string, names: readonly string[]): string {
  const sorted = [...new Set(names)].sort();
  const allowed = sorted.length === 0 ? "none is defined" : describeAllowed(sorted);
  return `unknown ${kind} ${formatValue(got)}${suggestName(got, sorted)} (${allowed})`;
}
