/** `A and B`, each once, in a fixed order. */
export function namesOf(wanted: readonly { readonly by: string }[]): string {
  return [...new Set(wanted.map(({ by }) => by))].sort().join(" and ");
}

/** Every two of a list, each pair once. */
export function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((first, index) => items.slice(index + 1).map((second) => [first, second] as const));
}
