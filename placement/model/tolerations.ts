import { findRepellingTaints } from "../../fleet/kubernetes/tolerations";
import type { NodePoolSpec, Taint } from "../../fleet/model";

/**
 * Returns the fewest taints that a pod has to tolerate to run in one of these pools: none if a pool has none that repel,
 * else those of the pool with the fewest (of several, the first by name). The taints of other pools still repel the pod.
 */
export function findFewestTaints(pools: readonly NodePoolSpec[]): Taint[] {
  const [first] = pools
    .map(({ name, taints }) => ({ name, taints: findRepellingTaints(taints) }))
    .sort((a, b) => a.taints.length - b.taints.length || (a.name < b.name ? -1 : 1));
  return first?.taints ?? [];
}
