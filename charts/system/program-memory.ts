/**
 * Resident MiB without a node, and for each thousand nodes, as `bench/system-memory.ts` measured them: see "Memory of the
 * system's programs by nodes" in bench/RESULTS.md.
 */
const MEASURED = {
  edgeScheduler: { base: 67, perThousandNodes: 31 },
  nodeController: { base: 34, perThousandNodes: 16 },
} as const;

/** Nodes that a program is sized for where nothing is known of the cluster. */
const USUAL_NODES = 1000;

/** The limit over what was measured, without pods: room for them, and for bursts. */
const ROOM = 2;

/** Limits are multiples of this many MiB, so that few changes of a fleet roll the pods. */
const STEP = 64;

/**
 * Memory request and limit of a program: `2 × (base + nodes ÷ 1000 × perThousandNodes)`, rounded up to 64 MiB.
 *
 * @throws RangeError if `nodes` is no whole number of 0 or more
 */
export function programMemory(program: keyof typeof MEASURED, nodes: number = USUAL_NODES): string {
  if (!Number.isSafeInteger(nodes) || nodes < 0) {
    throw new RangeError(`nodes: got ${nodes}, must be a whole number of 0 or more`);
  }
  const { base, perThousandNodes } = MEASURED[program];
  return `${Math.ceil((ROOM * (base + (nodes / 1000) * perThousandNodes)) / STEP) * STEP}Mi`;
}
