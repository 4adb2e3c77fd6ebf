/**
 * Resident memory in MiB without nodes, and per thousand nodes, as measured by `bench/system-memory.ts`. See "Memory of
 * the system's programs by nodes" in bench/RESULTS.md.
 */
const MEASURED = {
  edgeScheduler: { base: 67, perThousandNodes: 31 },
  nodeController: { base: 34, perThousandNodes: 16 },
} as const;

/** Number of nodes that a program is sized for by default. */
const DEFAULT_NODES = 1000;

/** Factor between the measured memory and the limit, for pods and for bursts. */
const HEADROOM = 2;

/** Limits are multiples of this, in MiB, so that few changes of a fleet restart the pods. */
const STEP = 64;

/**
 * Returns the memory request and limit of a program: `2 × (base + nodes ÷ 1000 × perThousandNodes)`, rounded up to 64
 * MiB.
 *
 * @throws RangeError if `nodes` is not a non-negative integer
 */
export function programMemory(program: keyof typeof MEASURED, nodes: number = DEFAULT_NODES): string {
  if (!Number.isSafeInteger(nodes) || nodes < 0) {
    throw new RangeError(`nodes: got ${nodes}, must be a whole number of 0 or more`);
  }
  const { base, perThousandNodes } = MEASURED[program];
  return `${Math.ceil((HEADROOM * (base + (nodes / 1000) * perThousandNodes)) / STEP) * STEP}Mi`;
}
