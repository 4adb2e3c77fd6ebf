import { createRequire } from "node:module";

import type * as re2 from "re2js";

/** A regular expression that matches in linear time. */
export interface LinearExpression {
  test(text: string): boolean;
}

const load = createRequire(__filename);
const compiled = new Map<string, LinearExpression | undefined>();

/**
 * Compiles a pattern in Go's syntax (RE2). Use it for patterns from manifests: JavaScript's own expressions may take
 * exponential time. Returns undefined for a pattern that Go rejects.
 */
export function linearExpression(pattern: string): LinearExpression | undefined {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern);
}

function compile(pattern: string): LinearExpression | undefined {
  // Loaded on demand: the library is large, and few inputs have patterns.
  const { RE2JS, RE2JSException } = load("re2js") as typeof re2;
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
