/**
 * Compiles the library and the command into `dist/` for `npm pack`. A checkout runs its TypeScript sources.
 *
 *   npx tsx scripts/build-package.ts
 *
 * Copies all other files, such as schemas and the files of the policy pack, next to the compiled ones.
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
if (status !== 0) process.exit(status ?? 1);
for (const folder of include.filter((name) => existsSync(join(root, name)))) {
  cpSync(join(root, folder), join(dist, folder), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || extname(path) !== ".ts",
  });
}
