import { type Document, isAlias, isCollection, isPair, type Node } from "yaml";

/** Most uses of anchors in a document. */
export const MOST_ALIASES = 1000;
/** Most values in a document once every use of an anchor stands for what it names. */
const MOST_VALUES = 1_000_000;

/** The size of what an anchor names, while that is still being read. */
const OPEN = 0;

/** Says why a document's anchors are refused: it uses them too often, or is far larger than it looks. Else undefined. */
export function anchorProblem(document: Document): string | undefined {
  let aliases = 0;
  let endless = false;
  const sizes = new Map<string, number>();
  /** How many values a node stands for. Anchors are set before they are used, so one pass is enough. */
  const size = (node: unknown): number => {
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
      for (const item of node.items) sum += isPair(item) ? size(item.key) + size(item.value) : size(item);
    }
    if (anchor !== undefined) sizes.set(anchor, sum);
    return sum;
  };
  const expanded = size(document.contents);
  if (aliases === 0) return undefined;
  if (endless) return "must not use an anchor inside its own value";
  if (aliases > MOST_ALIASES) return `must have at most ${MOST_ALIASES} aliases, got ${aliases}`;
  if (expanded > MOST_VALUES) {
    return `must have at most ${MOST_VALUES} values after its aliases are expanded`;
  }
  return undefined;
}
