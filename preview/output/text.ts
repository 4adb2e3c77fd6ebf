import { createColors } from "picocolors";

import type { NodePlace } from "../explanation";
import type { RejectedNodes } from "../simulator/protocol";

/** How text is rendered for a terminal. */
export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colors: boolean;
}

/** Columns where the output is not a terminal. */
const DEFAULT_WIDTH = 120;

/** The options of standard output: colors only on a terminal, unless NO_COLOR is set. */
export const detectTextOptions = (): TextOptions => ({
  width: Math.max(40, process.stdout.columns ?? DEFAULT_WIDTH),
  colors: process.stdout.isTTY === true && !process.env.NO_COLOR,
});

export type Colors = ReturnType<typeof createColors>;
export const colorsOf = ({ colors }: TextOptions): Colors => createColors(colors);

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Wraps words. Lines after the first are indented to the first one's text. */
export function wrap(first: string, text: string, { width }: TextOptions): string[] {
  const indent = " ".repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(" ")) {
    const isEmpty = line.trimEnd().length <= first.trimEnd().length;
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = isEmpty && line.length <= first.length ? first + word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Pools that a line names; the rest is counted. */
const NAMED_POOLS = 6;

/** `tokyo-gw (4), tokyo-pi5 (2 of 4), server-01`: nodes by pool. A single node has its own name. */
export function describeNodes(nodes: readonly string[], places: readonly NodePlace[]): string {
  const byName = new Map(places.map((place) => [place.name, place]));
  const sizes = new Map<string, number>();
  for (const { pool } of places) sizes.set(pool, (sizes.get(pool) ?? 0) + 1);
  const groups = new Map<string, string[]>();
  for (const node of nodes) {
    const key = byName.get(node)?.pool || `\0${node}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const parts = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pool, names]) => {
      if (names.length === 1) return names[0]!;
      const size = sizes.get(pool)!;
      return size === names.length ? `${pool} (${size})` : `${pool} (${names.length} of ${size})`;
    });
  const hidden = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(NAMED_POOLS)
    .reduce((sum, [, names]) => sum + names.length, 0);
  return [...parts.slice(0, NAMED_POOLS), ...(hidden > 0 ? [`${hidden} more`] : [])].join(", ");
}

/** What would make every plugin accept the nodes; undefined if nothing is known. */
export function describeRemedy({ verdicts }: RejectedNodes): string | undefined {
  const known = verdicts.flatMap(({ remedies = [] }) => remedies);
  if (known.length === 0) return undefined;
  const unknown = verdicts
    .filter(({ remedies = [] }) => remedies.length === 0)
    .map(({ plugin }) => `satisfy ${plugin}`);
  return [...known, ...unknown].join("; and ");
}

/** `2Gi of memory requested, 1Gi free on the best node of 8Gi`, for what has no remedy of its own. */
function describeShortages({ shortages = [] }: RejectedNodes): string[] {
  return shortages.map(
    ({ resource, requested, largestFree, largestAllocatable }) =>
      `${resource}: the pod requests ${requested}; at most ${largestFree} of ${largestAllocatable} is free on one of them`,
  );
}

/** Groups of nodes that a list shows; the rest is counted. */
const SHOWN_GROUPS = 12;

/** The nodes that cannot take a pod: why, and what would have to change. */
export function rejectedLines(
  rejected: readonly RejectedNodes[],
  places: readonly NodePlace[],
  options: TextOptions,
): string[] {
  const pc = colorsOf(options);
  const lines = rejected.slice(0, SHOWN_GROUPS).flatMap((group) => {
    const remedy = describeRemedy(group);
    return [
      ...wrap(`${String(group.nodes.length).padStart(6)}  `, describeNodes(group.nodes, places), options).map(pc.bold),
      ...group.verdicts.flatMap(({ plugin, reasons }) => wrap("        ", `${plugin}: ${reasons.join(", ")}`, options)),
      ...describeShortages(group).flatMap((text) => wrap("        ", text, options)),
      ...(remedy === undefined ? [] : wrap("        → ", remedy, options).map(pc.cyan)),
    ];
  });
  const hidden = rejected.slice(SHOWN_GROUPS).reduce((sum, { nodes }) => sum + nodes.length, 0);
  if (hidden > 0)
    lines.push(`        and ${plural(hidden, "more node")} in ${plural(rejected.length - SHOWN_GROUPS, "group")}`);
  return lines;
}

/** Problems of the input and what is not modelled. */
export function noteLines(
  { errors, notModelled }: { readonly errors: readonly string[]; readonly notModelled: readonly string[] },
  options: TextOptions,
): string[] {
  const pc = colorsOf(options);
  return [
    ...errors.flatMap((error) => wrap("error: ", error, options).map(pc.red)),
    ...(notModelled.length > 0 ? wrap("Not modelled: ", notModelled.join("; "), options) : []),
  ];
}
