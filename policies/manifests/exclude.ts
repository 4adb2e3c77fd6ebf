import { linearExpression } from "../schema/linear-expression";

/** Whether a path is left out. Paths have `/` and begin at the folder that was named. */
export type Excluded = (path: string, isFolder: boolean) => boolean;

interface Pattern {
  readonly keeps: boolean;
  readonly foldersOnly: boolean;
  readonly matches: (path: string) => boolean;
}

/**
 * Paths by patterns as a `.gitignore` has them: `*`, `?`, `[a-z]` and `**`; one with a `/` that is not its last letter
 * begins at the folder, another is for any depth; `/` at the end means folders alone; `!` keeps what an earlier one left out.
 */
export function excludedBy(patterns: readonly string[]): Excluded {
  const read = patterns.flatMap((line) => readPattern(line.trim()) ?? []);
  return (path, isFolder) => {
    const last = read.filter(({ foldersOnly, matches }) => (isFolder || !foldersOnly) && matches(path)).at(-1);
    return last !== undefined && !last.keeps;
  };
}

function readPattern(line: string): Pattern | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  const keeps = line.startsWith("!");
  const stated = keeps ? line.slice(1) : line;
  const foldersOnly = stated.endsWith("/");
  const glob = foldersOnly ? stated.slice(0, -1) : stated;
  const anchored = glob.includes("/");
  const expression = linearExpression(`^${anchored ? "" : "(?:.*/)?"}${expressionOf(glob.replace(/^\.?\//, ""))}$`);
  return expression && { keeps, foldersOnly, matches: (path) => expression.test(path) };
}

const PARTS = /\*\*\/|\/\*\*$|\*+|\?|\[(!?)([^\]]+)\]|[^*?[/]+|./gs;

function expressionOf(glob: string): string {
  return glob.replace(PARTS, (part: string, not: string | undefined, letters: string | undefined) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "/**") return "/.*";
    if (part.startsWith("*")) return "[^/]*";
    if (part === "?") return "[^/]";
    if (letters !== undefined) return `[${not ? "^" : ""}${letters.replace(/[\\[\]^]/g, "\\$&")}]`;
    return part.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
  });
}
