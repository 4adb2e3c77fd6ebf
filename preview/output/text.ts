import { createColors } from "picocolors";

import type { NodePlace } from "../explanation";
import type { RejectedNodes } from "../simulator/protocol";
import { plural } from "./tally";

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

/** Wraps words at the terminal's width. Lines after the first are indented to the first one's text. */
export function wrap(first: string, text: string, { width }: TextOptions): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(first.length);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((each) => each.replaceAll(NO_BREAK, " "));
}

/** Stands for a space at which {@link wrap} does not wrap. */
const NO_BREAK = "\u00a0";

/** Pools that a line names; the rest is counted. */
const NAMED_POOLS = 6;

/** `tokyo-gw (4), tokyo-pi5 (2 of 4), server-01`: nodes by pool. A single node has its own name. For {@link wrap}. */
export function describeNodes(nodes: readonly string[], places: readonly NodePlace[]): string {
  const pools = new Map(places.map(({ name, pool }) => [name, pool]));
  const sizes = new Map<string, number>();
  for (const { pool } of places) sizes.set(pool, (sizes.get(pool) ?? 0) + 1);
  const groups = new Map<string, string[]>();
  for (const node of nodes) {
    // A node without a pool is a group of its own.
    const key = pools.get(node) || `\0${node}`;
    const group = groups.get(key);
    if (group) group.push(node);
    else groups.set(key, [node]);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.slice(0, NAMED_POOLS).map(([pool, names]) => {
    if (names.length === 1) return names[0]!;
    const size = sizes.get(pool)!;
    return `${pool} (${size === names.length ? size : `${names.length} of ${size}`})`;
  });
  const hidden = sorted.slice(NAMED_POOLS).reduce((sum, [, names]) => sum + names.length, 0);
  if (hidden > 0) parts.push(`${hidden} more`);
  return parts.map((part) => part.replaceAll(" ", NO_BREAK)).join(", ");
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

/** The resources of which the nodes have too little, where no single remedy covers them. */
function describeShortages({ verdicts, shortages = [] }: RejectedNodes): string[] {
  if (verdicts.some(({ plugin, remedies }) => plugin === "NodeResourcesFit" && remedies?.length)) return [];
  return shortages.map(
    ({ resource, requested, largestFree, largestAllocatable }) =>
      `${resource}: the pod requests ${requested}; at most ${largestFree} of ${largestAllocatable} is free on one of them`,
  );
}

/**
 * The nodes that cannot take a pod: why, and what would have to change.
 *
 * @param shown groups that are listed; the rest is counted
 */
export function rejectedLines(
  rejected: readonly RejectedNodes[],
  places: readonly NodePlace[],
  options: TextOptions,
  shown: number,
): string[] {
  const pc = colorsOf(options);
  const lines = rejected.slice(0, shown).flatMap((group) => {
    const remedy = describeRemedy(group);
    return [
      ...wrap(`${String(group.nodes.length).padStart(6)}  `, describeNodes(group.nodes, places), options).map(pc.bold),
      ...group.verdicts.flatMap(({ plugin, reasons }) => wrap("        ", `${plugin}: ${reasons.join(", ")}`, options)),
      ...describeShortages(group).flatMap((text) => wrap("        ", text, options)),
      ...(remedy === undefined ? [] : wrap("        → ", remedy, options).map(pc.cyan)),
    ];
  });
  const hidden = rejected.slice(shown).reduce((sum, { nodes }) => sum + nodes.length, 0);
  if (hidden > 0)
    lines.push(
      ...wrap("        ", `and ${plural(hidden, "more node")} in ${plural(rejected.length - shown, "group")}`, options),
    );
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
