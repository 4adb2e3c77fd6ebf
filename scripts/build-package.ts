/**
 * Compiles the library and the command into `dist/`, for `npm pack` alone: a checkout runs its sources.
 *
 *   npx tsx scripts/build-package.ts
 *
 * What is no source (schemas, the policy pack's files) is copied beside what was compiled.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { extname, join } from "node:path";

const root = join(__dirname, "..");
const dist = join(root, "dist");

const { include } = JSON.parse(readFileSync(join(root, "tsconfig.build.json"), "utf8")) as { include: string[] };

rmSync(dist, { recursive: true, force: true });
const compiler = [require.resolve("typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")];
const { status } = spawnSync(process.execPath, compiler, { stdio: "inherit" });
// The compiler has said what is wrong.
if (status !== 0) process.exit(status ?? 1);
for (const folder of include.filter((each) => existsSync(join(root, each)))) {
  cpSync(join(root, folder), join(dist, folder), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || extname(path) !== ".ts",
  });
}
