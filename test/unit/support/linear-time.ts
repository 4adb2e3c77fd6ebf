/** Returns the processor time that the work takes, in milliseconds. Time that other processes take does not count. */
function measure(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Ratio of the two input sizes. */
const SCALE = 8;
/** Shorter times say nothing about growth. A quadratic algorithm takes seconds for the larger input. */
const NEGLIGIBLE_MS = 250;
/** Between the growth of linear work (8) and that of quadratic work (64). */
const MAX_GROWTH = 3 * SCALE;

/**
 * Expects that the time of some work grows linearly with the size of its input.
 *
 * @param prepare returns the work for an input size
 * @param size the smaller of the two sizes; the other one is 8 times as large
 */
export function expectLinear(prepare: (size: number) => () => unknown, size: number): void {
  const [small, large] = [prepare(size), prepare(SCALE * size)];
  let growth = Infinity;
  // Repeated, because another process may evict the caches during a measurement.
  for (let attempt = 0; attempt < 3 && growth >= MAX_GROWTH; attempt += 1) {
    const time = measure(large);
    growth = time <= NEGLIGIBLE_MS ? 0 : time / measure(small);
  }
  expect(growth).toBeLessThan(MAX_GROWTH);
}
