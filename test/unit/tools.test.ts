import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Progress } from "../../cli/progress";
import type { Tool } from "../../cli/tools/catalogue";

const scratch = mkdtempSync(join(tmpdir(), "skerry-tools-"));
// Keep the compiler's cache. Only built tools go to the scratch folder.
process.env.GOCACHE = execFileSync("go", ["env", "GOCACHE"], { encoding: "utf8" }).trim();
process.env.XDG_CACHE_HOME = scratch;
jest.setTimeout(120_000);

// The module reads the cache folder from the environment when it is loaded.
const { cachedBinary, findCached } =
  jest.requireActual<typeof import("../../cli/tools/cache")>("../../cli/tools/cache");
const { findTool, resolveTools } =
  jest.requireActual<typeof import("../../cli/tools/resolve")>("../../cli/tools/resolve");
const { fingerprint } = jest.requireActual<typeof import("../../cli/tools/fingerprint")>("../../cli/tools/fingerprint");
const { stackOf } = jest.requireActual<typeof import("../../cli/verbs/pulumi")>("../../cli/verbs/pulumi");

const tiny: Tool = {
  name: "tiny",
  purpose: "tests",
  version: "1.2.3",
  build: { module: "test/fixtures/tiny-tool", package: ".", ownSources: true },
};

/** Counts builds. */
class CountingProgress implements Progress {
  built = 0;
  start(): ReturnType<Progress["start"]> {
    return { update: () => undefined, done: () => void (this.built += 1), failed: () => undefined };
  }
}

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("a tool that is not on PATH", () => {
  test("is built once, even by concurrent builders, and found afterwards", async () => {
    const progress = new CountingProgress();
    const results = await Promise.all([resolveTools([tiny], progress), resolveTools([tiny], progress)]);
    expect(progress.built).toBe(1);
    expect(results.map(([resolved]) => resolved?.path)).toEqual([cachedBinary(tiny), cachedBinary(tiny)]);
    expect((await findTool(tiny))?.origin).toBe("cache");
    expect(readdirSync(join(scratch, "skerry", "tools", fingerprint(tiny)))).toEqual(["tiny", "tiny.receipt.json"]);
  });

  test("is built again if it is truncated, changed, or lacks its receipt", async () => {
    const progress = new CountingProgress();
    const path = cachedBinary(tiny);
    const size = statSync(path).size;

    truncateSync(path, size - 10);
    expect(await findCached(tiny)).toBeUndefined();
    await resolveTools([tiny], progress);

    rmSync(`${path}.receipt.json`);
    expect(await findCached(tiny)).toBeUndefined();
    await resolveTools([tiny], progress);

    writeFileSync(path, Buffer.alloc(size));
    expect(await findCached(tiny)).toBeUndefined();
    await resolveTools([tiny], progress);
    expect(progress.built).toBe(3);
    expect(execFileSync(path, { stdio: ["ignore", "ignore", "pipe"] })).toBeDefined();
  });

  test("is kept if only its modification time differs", async () => {
    utimesSync(cachedBinary(tiny), new Date(), new Date(0));
    expect(await findCached(tiny)).toBeDefined();
  });

  test("reports the compiler errors of a failed build", async () => {
    const broken: Tool = { ...tiny, name: "broken", build: { ...tiny.build, package: "./nowhere" } };
    await expect(resolveTools([broken], new CountingProgress())).rejects.toThrow(/nowhere/);
    expect(await findCached(broken)).toBeUndefined();
  });
});

describe("the stack that the arguments of bin/pulumi name", () => {
  test.each([
    [["preview", "-s", "production"], "production"],
    [["preview", "--stack", "production", "--diff"], "production"],
    [["preview", "--stack=production"], "production"],
    [["preview"], "local"],
  ])("%j", (args, stack) => expect(stackOf(args)).toBe(stack));
});

test("the lock file contains the packages of every platform and no registry host", () => {
  type Package = { optionalDependencies?: Record<string, string>; resolved?: string };
  const { packages } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package-lock.json"), "utf8")) as {
    packages: Record<string, Package>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
  expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
});
