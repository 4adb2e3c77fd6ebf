/**
 * Formats the first of some positions, and the others as ascending ranges: `12: 3-7 20`. Nodes of the same score are mostly those
 * of one pool, which follow each other.
 */
export function formatPositions([first, ...others]: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const position of [...others].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && position === last[1] + 1) last[1] = position;
    else ranges.push([position, position]);
  }
  return `${first}: ${ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ")}`;
}

/** Parses what {@link formatPositions} wrote. */
export function parsePositions(text: string): number[] {
  const [first = "", others = ""] = text.split(": ");
  const ranges = others.split(" ").filter((range) => range !== "");
  return [
    Number(first),
    ...ranges.flatMap((range) => {
      const [from = 0, to = from] = range.split("-").map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    }),
  ];
}
