import type { GoBuild } from "./catalogue";

/** What every `go` command runs with: the same for tools and tests, so that they share what is compiled. */
export const goEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  CGO_ENABLED: "0",
  // The compiler's own garbage collection is a quarter of a build's time: each compiler gets room to do without.
  GOGC: process.env.GOGC ?? "off",
  GOMEMLIMIT: process.env.GOMEMLIMIT ?? "1500MiB",
  GOFLAGS: "-mod=readonly",
  GOWORK: "off",
};

/**
 * No debugger's tables, which `-s -w` would drop in the end, and no inlining but in the standard library and what is
 * hot: together they are a third of a build's time.
 */
export function compilerFlags({ hotPackages = [] }: Pick<GoBuild, "hotPackages">): string[] {
  return [
    "-trimpath",
    "-gcflags=all=-l -dwarf=false",
    ...["std", ...hotPackages].map((each) => `-gcflags=${each}=-dwarf=false`),
  ];
}
