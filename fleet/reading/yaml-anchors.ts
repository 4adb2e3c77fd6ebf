import { type Document, isAlias, isCollection, isPair, type Node } from "yaml";

/** Most aliases in a document. */
export const MAX_ALIASES = 1000;
/** Most values in a document after its aliases are expanded. */
const MAX_VALUES = 1_000_000;

/** Size of an anchor whose value is still being visited. */
const OPEN = 0;

/** Returns the limit on anchors and aliases that a document exceeds, or undefined. */
export function checkAnchors(document: Document): string | undefined {
  let aliases = 0;
  let endless = false;
  const sizes = new Map<string, number>();
  /** Counts the values of a node. An anchor precedes its aliases, so one pass is enough. */
  const count = (node: unknown): number => {
    if (isAlias(node)) {
      aliases += 1;
      const named = sizes.get(node.source);
      if (named === OPEN) endless = true;
      return named ?? 1;
    }
    let sum = 1;
    const anchor = (node as Node | null | undefined)?.anchor;
    if (anchor !== undefined) sizes.set(anchor, OPEN);
    if (isCollection(node)) {
      for (const item of node.items) sum += isPair(item) ? count(item.key) + count(item.value) : count(item);
    }
    if (anchor !== undefined) sizes.set(anchor, sum);
    return sum;
  };
  const expanded = count(document.contents);
  if (aliases === 0) return undefined;
  if (endless) return "must not use an anchor inside its own value";
  if (aliases > MAX_ALIASES) return `must have at most ${MAX_ALIASES} aliases, got ${aliases}`;
  if (expanded > MAX_VALUES) {
    return `must have at most ${MAX_VALUES} values after its aliases are expanded`;
  }
  return undefined;
}
