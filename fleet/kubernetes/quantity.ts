const BINARY: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d+))$/;

/**
 * The value of a Kubernetes quantity (`250m`, `1.5Gi`, `1e3`) in its base unit: cores, bytes. Undefined for what is
 * none. YAML may give a plain number.
 */
export function quantityValue(quantity: unknown): number | undefined {
  if (typeof quantity === "number") return Number.isFinite(quantity) ? quantity : undefined;
  if (typeof quantity !== "string") return undefined;
  if (known.size > MOST_KNOWN) known.clear();
  if (!known.has(quantity)) known.set(quantity, valueOf(quantity));
  return known.get(quantity);
}

/** A cluster states the same few quantities thousands of times. */
const known = new Map<string, number | undefined>();
const MOST_KNOWN = 1000;

function valueOf(quantity: string): number | undefined {
  const match = FORM.exec(quantity);
  if (!match) return undefined;
  const [, number, binary, decimal = "", exponent] = match;
  if (binary !== undefined) return Number(number) * 1024 ** BINARY[binary]!;
  return Number(`${number}e${exponent ?? DECIMAL[decimal]!}`);
}
