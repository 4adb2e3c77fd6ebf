/** Bytes of the suffixes of a Kubernetes quantity. */
const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Cores of a CPU quantity like `250m` or `2`; undefined when it is none, or not above 0. */
export function cpuCores(quantity: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(quantity);
  const cores = match ? Number(match[1]) / (match[2] === "m" ? 1000 : 1) : 0;
  return cores > 0 ? cores : undefined;
}

/** Mebibytes of a memory quantity like `64Mi` or `2Gi`; undefined when it is none, or not above 0. */
export function memoryMiB(quantity: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(quantity);
  const bytes = match ? Number(match[1]) * (BYTES[match[2] ?? ""] ?? 0) : 0;
  return bytes > 0 ? bytes / 2 ** 20 : undefined;
}
