import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { tools } from "../../cli/tools/catalogue";
import { fingerprint } from "../../cli/tools/fingerprint";
import { Team } from "./team";

/*
 * The package as others get it: packed, installed into a copy of the example and into a new repository, and used there.
 */
jest.setTimeout(400_000);

const root = join(__dirname, "..", "..");
const scratch = mkdtempSync(join(tmpdir(), "skerry-library-"));
const example = new Team(join(scratch, "platform-team"));
const fresh = new Team(join(scratch, "fresh"));
const vendor = join(example.folder, "vendor");

const entries = readdirSync(join(root, "exports")).map((file) => basename(file, ".ts"));
const contents = (tarball: string): string[] =>
  execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n").sort();
const packed = (): string => join(vendor, readdirSync(vendor)[0]!);

beforeAll(async () => {
  const leftOut = new Set(["node_modules", ".skerry", "vendor"]);
  cpSync(join(root, "examples", "platform-team"), example.folder, {
    recursive: true,
    filter: (path) => !leftOut.has(basename(path)),
  });
  mkdirSync(vendor);
  execFileSync("npm", ["pack", "--pack-destination", vendor, "--loglevel=error"], { cwd: root, stdio: "pipe" });
  expect(await example.install()).toMatchObject({ code: 0 });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the package", () => {
  test("holds what a team needs, and nothing of the checkout's own", () => {
    const files = contents(packed()).map((file) => file.replace(/^package\//, ""));
    expect(files).toEqual(
      expect.arrayContaining([
        ...entries.flatMap((entry) => [`dist/exports/${entry}.js`, `dist/exports/${entry}.d.ts`]),
        "bin/skerry",
        "dist/cli/index.js",
        "dist/fleet/fleet.schema.json",
        "dist/policies/PulumiPolicy.yaml",
        "dist/policies/pack.js",
        "fleet/model.ts",
        "runtime/cmd/lab/main.go",
        "runtime/go.sum",
        "templates/repository/gitignore",
        "toolchain/pulumi/go.mod",
        "LICENSE",
      ]),
    );
    const foreign =
      /(^|\/)(test|bench|docs|examples|stacks|scripts|testdata|fixtures|\.skerry|\.git|\.ci)\/|_test\.go$/;
    const own = (file: string): boolean => foreign.test(file) || /\.(test|log|pem|key|tgz)(\.|$)|passphrase/.test(file);
    expect(files.filter((file) => own(file) && file !== "templates/repository/fleet.test.ts")).toEqual([]);
    expect(files.filter((file) => /generate\.(js|ts|d\.ts)|zz_generated\.(schema|terraform)/.test(file))).toEqual([]);
  });

  test("has the sources that its declarations lead to", () => {
    const folder = join(example.folder, "node_modules", "skerry");
    const map = join(folder, "dist", "exports", "fleet.d.ts.map");
    const { sources } = JSON.parse(readFileSync(map, "utf8")) as { sources: string[] };
    expect(sources).toEqual(["../../exports/fleet.ts"]);
    expect(readFileSync(join(map, "..", sources[0]!), "utf8")).toContain("parseFleet");
  });

  test("has an entry point for each file of exports/", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
    const named = Object.keys(exports).filter((each) => !/\.json$|^\.\/load$/.test(each));
    expect(named.map((each) => each.slice(2)).sort()).toEqual(entries.sort());
  });

  test("builds the tools that this checkout builds, so that what is in the cache fits", async () => {
    const program = `
      const at = ${JSON.stringify(join(example.folder, "node_modules", "skerry", "dist", "cli", "tools"))};
      const { tools } = require(at + "/catalogue.js");
      const { fingerprint } = require(at + "/fingerprint.js");
      console.log(JSON.stringify(Object.fromEntries(tools.map((tool) => [tool.name, fingerprint(tool)]))));`;
    expect(await example.evaluate(program)).toEqual(
      Object.fromEntries(tools.map((tool) => [tool.name, fingerprint(tool)])),
    );
  });
});

describe.each(entries)("skerry/%s", (entry) => {
  const names = Object.keys(jest.requireActual<object>(`../../exports/${entry}`)).sort();

  test("gives to require and to import what exports/ states", async () => {
    expect(names.length).toBeGreaterThan(0);
    const list = "(loaded) => console.log(JSON.stringify(Object.keys(loaded)))";
    expect((await example.evaluate<string[]>(`(${list})(require("skerry/${entry}"))`)).sort()).toEqual(names);
    const imported = await example.evaluate<string[]>(`import("skerry/${entry}").then(${list})`);
    expect(imported).toEqual(expect.arrayContaining(names));
  });
});

test("what is not exported cannot be reached", async () => {
  const { code, said } = await example.run(process.execPath, "-e", 'require("skerry/dist/fleet/parse")');
  expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED") });
});

describe("the platform team's repository", () => {
  test("has sound types", async () => expect(await example.run("tsc", "--noEmit")).toMatchObject({ code: 0 }));

  test("passes its own tests", async () => expect(await example.run("jest", "--ci")).toMatchObject({ code: 0 }));

  test("keeps every rule, its own among them", async () => {
    const { code, said } = await example.run("skerry", "policy");
    expect({ code, said }).toMatchObject({ code: 0 });
    expect((await example.run("skerry", "policy", "--list-rules")).said).toContain("our-registry");
  });

  test("is held to its own rule", async () => {
    const fleet = join(example.folder, "elsewhere.ts");
    const text = readFileSync(join(example.folder, "fleet.ts"), "utf8");
    writeFileSync(fleet, text.replace("ghcr.io/example/crane-gateway", "ghcr.io/somebody/crane-gateway"));
    const { code, said } = await example.run("skerry", "policy", "--fleet", "elsewhere.ts");
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("our-registry") });
    rmSync(fleet);
  });
});

describe("a repository that skerry init wrote", () => {
  beforeAll(async () => {
    expect(await example.run("skerry", "init", fresh.folder, "--name", "fresh-fleet")).toMatchObject({ code: 0 });
    // The same packages, so that npm need not unpack them again.
    execFileSync("cp", ["-al", join(example.folder, "node_modules"), fresh.folder]);
    expect(await fresh.install()).toMatchObject({ code: 0 });
  });

  test("carries the package that it was written by", () => {
    const [tarball] = readdirSync(join(fresh.folder, "vendor"));
    expect(contents(join(fresh.folder, "vendor", tarball!))).toEqual(contents(packed()));
  });

  test("passes its tests", async () => expect(await fresh.run("npm", "test")).toMatchObject({ code: 0 }));

  test("keeps every rule", async () => {
    const { code, said } = await fresh.run("skerry", "policy");
    expect({ code, said }).toMatchObject({ code: 0 });
  });

  test("notices a fleet that cannot be", async () => {
    const file = join(fresh.folder, "fleet.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace('homeRegion: "frankfurt"', 'homeRegion: "frankfort"'));
    expect(await fresh.run("npm", "test")).toMatchObject({ code: 1 });
    expect((await fresh.run("skerry", "validate", "fleet.ts")).said).toContain('did you mean "frankfurt"?');
    writeFileSync(file, text);
  });
});
