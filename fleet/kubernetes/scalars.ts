/**
 * Plain scalars that are not strings.
 *
 * @see go.yaml.in/yaml/v2, `resolve.go`, which kubectl uses
 */
const WORDS: ReadonlyMap<string, boolean | null | number> = new Map<string, boolean | null | number>([
  ...forms(["y", "yes", "true", "on"]).map((word) => [word, true] as const),
  ...forms(["n", "no", "false", "off"]).map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
]);

/** Returns words in lower case, capitalized, and in upper case. */
function forms(words: readonly string[]): string[] {
  return words.flatMap((word) => [word, word[0]!.toUpperCase() + word.slice(1), word.toUpperCase()]);
}

const INTEGER = /^[-+]?(?:0[xX][\dA-Fa-f]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;

/** Parses an integer in Go's notation: `0644` and `0o644` are octal. Undefined if it needs more than 64 bits. */
function parseInteger(text: string): number | undefined {
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").replace(/^0[oO]?(?=\d)/, "0o");
  if (digits.length < 16 && digits[0] !== "0") return negative ? -Number(digits) : Number(digits);
  const value = negative ? -BigInt(digits) : BigInt(digits);
  const most = text.startsWith("+") ? 2n ** 63n - 1n : MOST;
  return value >= LEAST && value <= most ? Number(value) : undefined;
}

/** The longest text of a 64-bit number. */
const LONGEST = 400;

/**
 * Returns the value of a plain scalar as kubectl reads it: YAML 1.1 without base 60, and with Go's octal notation. Dates are
 * strings, and so are numbers that do not fit into 64 bits, such as the commit hash `1234e567`.
 */
export function scalarValue(text: string): unknown {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  // A number begins with a digit, a sign or a point.
  if (!((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e)) return text;
  if (text.length > LONGEST) return text;
  // After a leading point, Go accepts underscores only between digits.
  const plain = first === 0x2e ? text.replace(/(?<=\d)_(?=\d)/g, "") : text.replaceAll("_", "");
  if (INTEGER.test(plain)) {
    const value = parseInteger(plain);
    if (value !== undefined) return value;
  }
  if (!FLOAT.test(plain)) return text;
  const value = Number(plain);
  return Number.isFinite(value) ? value : text;
}

/** Returns a value as a field name, which is a string in JSON; undefined for null, lists and mappings. */
export function keyText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
