import { distance } from "fastest-levenshtein";

/** One thing that is wrong with a fleet. */
export interface Problem {
  /** Where: `clusters[1].nodePools[0].count`. Empty for the fleet as a whole. */
  readonly path: string;
  /** What was got, what is allowed and, where it is not plain, what to do. */
  readonly message: string;
}

/** A path as people write it. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    const key = String(step);
    if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

const STEP = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([A-Za-z_][\w-]*)/gy;

/** The steps of a path as {@link pathText} writes it; of another text, those that can be read. */
export function pathSteps(path: string): PropertyKey[] {
  const steps: PropertyKey[] = [];
  for (const [, index, quoted, key] of path.matchAll(STEP)) {
    steps.push(index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : key!);
  }
  return steps;
}

/** Longest value that a message quotes whole. */
const LONGEST = 80;

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = Array.isArray(value)
    ? value.length === 0
      ? "an empty list"
      : "a list"
    : typeof value === "object" && value !== null
      ? "a mapping"
      : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Longest name that is compared with known ones: of a DNS name. */
const LONGEST_NAME = 253;

/** `: did you mean "sydney"?` when one of the known names is nearly what was got, else nothing. */
export function suggestion(got: string, known: readonly string[]): string {
  // No name is that long, and looking for its like would take long.
  if (got.length > LONGEST_NAME) return "";
  const [nearest] = known
    .map((each) => ({ each, far: distance(got.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  // Two letters that changed places count as two.
  const most = got.length < 5 ? 1 : Math.max(2, Math.floor(got.length / 3));
  return nearest && nearest.far <= most ? `: did you mean ${JSON.stringify(nearest.each)}?` : "";
}

/** Message for a name that refers to nothing. */
export function unknown(got: string, known: readonly string[]): string {
  const list = [...new Set(known)].sort();
  return `got ${shown(got)}, known: ${list.join(", ") || "none"}${suggestion(got, list)}`;
}
