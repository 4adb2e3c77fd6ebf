import { linearExpression } from "../schema/linear-expression";

/** Whether to exclude a path. Paths are relative to the folder being read and separated by `/`. */
export type ExcludeFilter = (path: string, isFolder: boolean) => boolean;

interface Pattern {
  readonly isNegated: boolean;
  readonly foldersOnly: boolean;
  readonly matches: (path: string) => boolean;
}

/**
 * Compiles patterns in the syntax of `.gitignore`: `*`, `?`, `[a-z]` and `**`. A pattern that contains a `/` other than at
 * its end is anchored to the folder; other patterns match at any depth. A trailing `/` matches folders only. A leading `!`
 * includes paths that an earlier pattern excludes.
 */
export function compileExclude(patterns: readonly string[]): ExcludeFilter {
  const compiled = patterns.flatMap((line) => compilePattern(line.trim()) ?? []);
  return (path, isFolder) => {
    const last = compiled.filter(({ foldersOnly, matches }) => (isFolder || !foldersOnly) && matches(path)).at(-1);
    return last !== undefined && !last.isNegated;
  };
}

function compilePattern(line: string): Pattern | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  const isNegated = line.startsWith("!");
  const pattern = isNegated ? line.slice(1) : line;
  const foldersOnly = pattern.endsWith("/");
  const glob = foldersOnly ? pattern.slice(0, -1) : pattern;
  const isAnchored = glob.includes("/");
  const expression = linearExpression(`^${isAnchored ? "" : "(?:.*/)?"}${globExpression(glob.replace(/^\.?\//, ""))}$`);
  return expression && { isNegated, foldersOnly, matches: (path) => expression.test(path) };
}

const PARTS = /\*\*\/|\/\*\*$|\*+|\?|\[(!?)([^\]]+)\]|[^*?[/]+|./gs;

function globExpression(glob: string): string {
  return glob.replace(PARTS, (part: string, not: string | undefined, letters: string | undefined) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "/**") return "/.*";
    if (part.startsWith("*")) return "[^/]*";
    if (part === "?") return "[^/]";
    if (letters !== undefined) return `[${not ? "^" : ""}${letters.replace(/[\\[\]^]/g, "\\$&")}]`;
    return part.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
  });
}
