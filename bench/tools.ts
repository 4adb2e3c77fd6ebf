/**
 * Time to build every tool with an empty compile cache and an empty tool cache. Downloaded modules are kept, because
 * downloading measures the network; `--download` removes them as well.
 *
 *   npx tsx bench/tools.ts [--download]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { record, table } from "./record";

const scratch = mkdtempSync(join(tmpdir(), "skerry-bench-tools-"));
const download = process.argv.includes("--download");
const env = {
  ...process.env,
  SKERRY_TOOLS: "build",
  XDG_CACHE_HOME: join(scratch, "cache"),
  GOCACHE: join(scratch, "go-build"),
  ...(download ? { GOMODCACHE: join(scratch, "go-mod") } : {}),
};
try {
  const started = Date.now();
  const { status } = spawnSync("bin/skerry", ["tools"], { env, stdio: "inherit", cwd: join(__dirname, "..") });
  if (status !== 0) throw new Error(`skerry tools ended with ${status}`);
  const total = (Date.now() - started) / 1000;
  const doctor = spawnSync("bin/skerry", ["doctor", "--json"], { env, encoding: "utf8", cwd: join(__dirname, "..") });
  const { tools } = JSON.parse(doctor.stdout) as { tools: { name: string; buildSeconds: number }[] };
  const rows = tools.map(({ name, buildSeconds }) => [name, buildSeconds, (buildSeconds / total).toFixed(2)]);
  void record(
    download ? "Building the tools from nothing, modules downloaded too" : "Building the tools from nothing",
    `npx tsx bench/tools.ts${download ? " --download" : ""}`,
    `Seconds; two builds side by side, so the parts add up to more than the whole.\n\n${table(["tool", "seconds", "share of the whole"], [...rows, ["all", total.toFixed(0), "1.00"]])}`,
  );
} finally {
  spawnSync("go", ["clean", "-modcache"], { env: download ? env : { ...env, GOMODCACHE: join(scratch, "none") } });
  rmSync(scratch, { recursive: true, force: true });
}
