import { createRequire } from "node:module";

import type * as re2 from "re2js";

/** A regular expression that looks at each letter of a text once, whatever the expression. */
export interface LinearExpression {
  test(text: string): boolean;
}

const load = createRequire(__filename);
const compiled = new Map<string, LinearExpression | undefined>();

/**
 * A regular expression of Go's dialect (RE2), for patterns from manifests: JavaScript's own expressions may take
 * exponential time. Undefined when Go does not accept it either.
 */
export function linearExpression(pattern: string): LinearExpression | undefined {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern);
}

function compile(pattern: string): LinearExpression | undefined {
  // Few inputs bring patterns, and the engine is large.
  const { RE2JS, RE2JSException } = load("re2js") as typeof re2;
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
