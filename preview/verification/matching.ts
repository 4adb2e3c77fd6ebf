/**
 * Assigns items to places with a limited number of seats, so that as many items as possible get one: a maximum bipartite
 * matching by augmenting paths (H. W. Kuhn: The Hungarian Method for the Assignment Problem, 1955).
 *
 * @param choices the places that each item may have; it gets the first if that is free when its turn comes
 * @param seats number of items that each place takes
 * @param start an assignment to begin with. Items in it keep a place, not necessarily the same
 * @returns the place of each item; undefined for items without one
 */
export function assign(
  choices: readonly (readonly string[])[],
  seats: ReadonlyMap<string, number>,
  start: readonly (string | undefined)[] = [],
): (string | undefined)[] {
  const places: (string | undefined)[] = choices.map(() => undefined);
  const seated = new Map<string, number[]>([...seats.keys()].map((place) => [place, []]));
  const isFree = (place: string): boolean => (seated.get(place)?.length ?? 0) < (seats.get(place) ?? 0);
  const seat = (item: number, place: string): void => {
    places[item] = place;
    seated.get(place)!.push(item);
  };
  const find = (item: number, visited: Set<string>): boolean => {
    for (const place of choices[item]!) {
      if (visited.has(place) || !seats.has(place)) continue;
      visited.add(place);
      if (isFree(place)) {
        seat(item, place);
        return true;
      }
      const others = seated.get(place)!;
      for (const other of others) {
        if (!find(other, visited)) continue;
        others.splice(others.indexOf(other), 1);
        seat(item, place);
        return true;
      }
    }
    return false;
  };
  start.forEach((place, item) => {
    if (place !== undefined && isFree(place)) seat(item, place);
  });
  choices.forEach(([first], item) => {
    if (places[item] === undefined && first !== undefined && isFree(first)) seat(item, first);
  });
  choices.forEach((_, item) => {
    if (places[item] === undefined) find(item, new Set());
  });
  return places;
}
