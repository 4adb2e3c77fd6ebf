import fc from "fast-check";

import { assign } from "../../../preview/verification/matching";

const PLACES = ["a", "b", "c", "d"];

/** The largest number of items that get a place, by trying every assignment. */
function countBest(choices: readonly (readonly string[])[], seats: ReadonlyMap<string, number>): number {
  const [first, ...rest] = choices;
  if (!first) return 0;
  const taken = first
    .filter((place) => (seats.get(place) ?? 0) > 0)
    .map((place) => 1 + countBest(rest, new Map([...seats, [place, seats.get(place)! - 1]])));
  return Math.max(countBest(rest, seats), ...taken);
}

it("finds a maximum matching within seats and choices, in which items that had a place keep one", () => {
  const choices = fc.array(fc.uniqueArray(fc.constantFrom(...PLACES), { minLength: 1 }), { maxLength: 6 });
  const seats = fc.tuple(...PLACES.map(() => fc.nat(3)));
  fc.assert(
    fc.property(choices, seats, fc.nat(3), (items, counts, begun) => {
      const free = new Map(PLACES.map((place, index) => [place, counts[index]!]));
      const start = assign(items.slice(0, begun), free);
      const places = assign(items, free, start);
      const seated = places.filter((place) => place !== undefined);
      expect(seated).toHaveLength(countBest(items, free));
      places.forEach((place, item) => expect(place === undefined || items[item]!.includes(place)).toBe(true));
      for (const place of PLACES)
        expect(seated.filter((each) => each === place).length).toBeLessThanOrEqual(free.get(place)!);
      start.forEach((place, item) => expect(place === undefined || places[item] !== undefined).toBe(true));
    }),
  );
});

it("prefers the first choice", () => {
  expect(assign([["b", "a"], ["a", "b"]], new Map([["a", 1], ["b", 1]]))).toEqual(["b", "a"]); // prettier-ignore
});
