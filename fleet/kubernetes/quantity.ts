const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d+))$/;

/** Digits after the decimal point that Kubernetes keeps. */
const NANO = 9;
/** The largest value that Kubernetes keeps of a quantity with a binary suffix. */
const LARGEST_BINARY = (2n ** 63n - 1n) * 10n ** BigInt(NANO);
/** Exponents above this one give the same, huge value: computing the exact one would take forever. */
const LARGEST_EXPONENT = 400;

/**
 * Parses a Kubernetes quantity (`250m`, `1.5Gi`, `1e3`) into billionths of its base unit, exactly as the API server does:
 * finer values are rounded up. Accepts the numbers that YAML has.
 *
 * @returns undefined if the API server rejects it
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: unknown): bigint | undefined {
  if (typeof quantity !== "string" && typeof quantity !== "number") return undefined;
  const text = String(quantity).trim();
  if (cache.size > CACHE_SIZE) cache.clear();
  if (!cache.has(text)) cache.set(text, parse(text));
  return cache.get(text);
}

/** A cluster has the same few quantities thousands of times. */
const cache = new Map<string, bigint | undefined>();
const CACHE_SIZE = 1000;

function parse(text: string): bigint | undefined {
  const match = FORM.exec(text);
  if (!match || text === "") return undefined;
  const [, sign, whole = "", fraction = "", binary, decimal = "", exponent] = match;
  const power = binary === undefined ? Number(exponent ?? DECIMAL[decimal]!) : 0;
  const digits = whole + fraction;
  if (digits === "") return readsAsZero(binary, power) ? 0n : undefined;
  const shift = power - fraction.length + NANO;
  const unscaled = BigInt(digits) << (binary === undefined ? 0n : BINARY[binary]!);
  // A divisor with more digits than the number has gives the same result.
  const value =
    shift >= 0
      ? unscaled * 10n ** BigInt(Math.min(shift, LARGEST_EXPONENT))
      : divideRoundingUp(unscaled, 10n ** BigInt(Math.min(-shift, digits.length + NANO)));
  const capped = binary !== undefined && value > LARGEST_BINARY ? LARGEST_BINARY : value;
  return sign === "-" ? -capped : capped;
}

/** Kubernetes reads a sign or a suffix without digits, such as `m`, as 0, but only in the fast path of its parser. */
const readsAsZero = (binary: string | undefined, power: number): boolean =>
  binary !== "Pi" && binary !== "Ei" && power >= -NANO;

export const divideRoundingUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

/** Converts billionths to a number, in the quantity's base unit. */
export const toNumber = (nanos: bigint): number => Number(nanos) / 1e9;

const MIB = 2 ** 20;

/** Returns the cores of a CPU quantity such as `250m` or `2`; undefined if it is not a quantity above 0. */
export function cpuCores(quantity: string): number | undefined {
  const nanos = parseQuantity(quantity) ?? 0n;
  return nanos > 0n ? toNumber(nanos) : undefined;
}

/**
 * Returns the mebibytes of a memory quantity such as `64Mi`; undefined if it is not a quantity of at least one byte. `64m`,
 * a common slip, is 0.064 bytes.
 */
export function memoryMiB(quantity: string): number | undefined {
  const bytes = toNumber(parseQuantity(quantity) ?? 0n);
  return bytes >= 1 ? bytes / MIB : undefined;
}
