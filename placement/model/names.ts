/** Lists the constructs that request constraints, sorted and without duplicates: `A and B`. */
export function namesOf(requested: readonly { readonly by: string }[]): string {
  return [...new Set(requested.map(({ by }) => by))].sort().join(" and ");
}

/** Returns all pairs of two items of a list. */
export function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((first, index) => items.slice(index + 1).map((second) => [first, second] as const));
}
