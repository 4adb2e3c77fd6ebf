import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { tools } from "../../cli/tools/catalogue";
import { fingerprint } from "../../cli/tools/fingerprint";
import type { PreviewReport } from "../../preview/report";
import { Team } from "./team";

/*
 * Tests the packed package: installs it into a copy of the example and into a new repository, and uses it there.
 */
jest.setTimeout(400_000);

const root = join(__dirname, "..", "..");
const scratch = mkdtempSync(join(tmpdir(), "skerry-library-"));
const example = new Team(join(scratch, "platform-team"));
const fresh = new Team(join(scratch, "fresh"));
const vendor = join(example.folder, "vendor");

/** A `charts.ts` with one Deployment. */
const OWN_CHARTS = `
import { ApiObject, App, Chart } from "cdk8s";
import { defineCharts } from "skerry/charts";

export default defineCharts(({ cluster }) => {
  const chart = new Chart(new App(), "own");
  const labels = { app: "viewer" };
  const containers = [{ name: "viewer", image: \`ghcr.io/example/viewer-\${cluster}:1.0.0\` }];
  new ApiObject(chart, "viewer", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "viewer", namespace: "telemetry" },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  return [chart];
});
`;

const entries = readdirSync(join(root, "exports")).map((file) => basename(file, ".ts"));
const contents = (tarball: string): string[] =>
  execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n").sort();
const packedTarball = (): string => join(vendor, readdirSync(vendor)[0]!);

beforeAll(async () => {
  const excluded = new Set(["node_modules", ".skerry", "vendor"]);
  cpSync(join(root, "examples", "platform-team"), example.folder, {
    recursive: true,
    filter: (path) => !excluded.has(basename(path)),
  });
  mkdirSync(vendor);
  execFileSync("npm", ["pack", "--pack-destination", vendor, "--loglevel=error"], { cwd: root, stdio: "pipe" });
  expect(await example.install()).toMatchObject({ code: 0 });
  // The optional peer of skerry/aws, which only teams with machines in AWS install.
  const peer = join("node_modules", "@pulumi", "aws");
  symlinkSync(join(root, peer), join(example.folder, peer));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the package", () => {
  test("contains what a team needs, and no tests, docs or state of the checkout", () => {
    const files = contents(packedTarball()).map((file) => file.replace(/^package\//, ""));
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
    // runtime/ is packed whole, with the simulations of its benchmarks, so that its tools have the key of a checkout's.
    const foreign =
      /^bench\/|(^|\/)(test|docs|examples|stacks|scripts|testdata|fixtures|\.skerry|\.git|\.ci)\/|_test\.go$/;
    const isInternal = (file: string): boolean =>
      foreign.test(file) || /\.(test|log|pem|key|tgz)(\.|$)|passphrase/.test(file);
    const internal = files.filter(isInternal);
    expect(internal.sort()).toEqual(["fleet", "index"].map((name) => `templates/repository/${name}.test.ts`));
    expect(files.filter((file) => /generate\.(js|ts|d\.ts)|zz_generated\.(schema|terraform)/.test(file))).toEqual([]);
  });

  test("contains the sources that its declaration maps refer to", () => {
    const folder = join(example.folder, "node_modules", "skerry");
    const map = join(folder, "dist", "exports", "fleet.d.ts.map");
    const { sources } = JSON.parse(readFileSync(map, "utf8")) as { sources: string[] };
    expect(sources).toEqual(["../../exports/fleet.ts"]);
    expect(readFileSync(join(map, "..", sources[0]!), "utf8")).toContain("parseFleet");
  });

  test("has an entry point for each file of exports/", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
    const entryPoints = Object.keys(exports).filter((entry) => !/\.json$|^\.\/load$/.test(entry));
    expect(entryPoints.map((entry) => entry.slice(2)).sort()).toEqual(entries.sort());
  });

  test("builds the same tools as this checkout, so they share the cache", async () => {
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

  test("has the same names with require and import as in exports/", async () => {
    expect(names.length).toBeGreaterThan(0);
    const list = "(loaded) => console.log(JSON.stringify(Object.keys(loaded)))";
    expect((await example.evaluate<string[]>(`(${list})(require("skerry/${entry}"))`)).sort()).toEqual(names);
    const imported = await example.evaluate<string[]>(`import("skerry/${entry}").then(${list})`);
    expect(imported).toEqual(expect.arrayContaining(names));
  });
});

test("modules that are not exported cannot be imported", async () => {
  const { code, output } = await example.run(process.execPath, "-e", 'require("skerry/dist/fleet/parse")');
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED") });
});

describe("the platform team's repository", () => {
  test("compiles", async () => expect(await example.run("tsc", "--noEmit")).toMatchObject({ code: 0 }));

  test("passes its tests", async () => expect(await example.run("jest", "--ci")).toMatchObject({ code: 0 }));

  test("complies with every rule, including its own", async () => {
    const { code, output } = await example.run("skerry", "policy");
    expect({ code, output }).toMatchObject({ code: 0 });
    expect((await example.run("skerry", "policy", "--list-rules")).output).toContain("our-registry");
    // Its own charts are checked too.
    await example.run("skerry", "render", "--output", example.folder);
    expect(readFileSync(join(example.folder, "rendering.json"), "utf8")).toContain('"inspector-hamburg"');
  });

  test("is checked against its own rule", async () => {
    const fleet = join(example.folder, "elsewhere.ts");
    const text = readFileSync(join(example.folder, "fleet.ts"), "utf8");
    writeFileSync(fleet, text.replace("ghcr.io/example/crane-gateway", "ghcr.io/other/crane-gateway"));
    const { code, output } = await example.run("skerry", "policy", "--fleet", "elsewhere.ts");
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining("our-registry") });
    rmSync(fleet);
  });
});

describe("a repository that skerry init wrote", () => {
  beforeAll(async () => {
    expect(await example.run("skerry", "init", fresh.folder, "--name", "fresh-fleet")).toMatchObject({ code: 0 });
    // Link the installed packages, so npm does not unpack them again.
    execFileSync("cp", ["-al", join(example.folder, "node_modules"), fresh.folder]);
    expect(await fresh.install()).toMatchObject({ code: 0 });
  });

  test("contains the package that wrote it", () => {
    const [tarball] = readdirSync(join(fresh.folder, "vendor"));
    expect(contents(join(fresh.folder, "vendor", tarball!))).toEqual(contents(packedTarball()));
  });

  test("passes its tests", async () => expect(await fresh.run("npm", "test")).toMatchObject({ code: 0 }));

  test("complies with every rule", async () => {
    const { code, output } = await fresh.run("skerry", "policy");
    expect({ code, output }).toMatchObject({ code: 0 });
  });

  test("previews the team's own charts, where policy and Pulumi find them too", async () => {
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
        cwd: fresh.folder,
      }).toString();
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "a fleet");
    const file = join(fresh.folder, "charts.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, OWN_CHARTS);
    try {
      const report = join(scratch, "preview.json");
      const args = ["--base", "HEAD", "--format", "json", "--output", report];
      const { code, output } = await fresh.run("skerry", "preview", ...args);
      // The Deployment breaks rules.
      expect({ code, output }).toMatchObject({ code: 2 });
      const { created, findings, plan } = JSON.parse(readFileSync(report, "utf8")) as PreviewReport;
      const workload = { cluster: "europe", kind: "Deployment", namespace: "telemetry", name: "viewer" };
      expect(created).toEqual([expect.objectContaining({ workload, pods: 2 })]);
      expect(findings).toContainEqual(
        expect.objectContaining({ change: "new", rule: "run-as-non-root", object: "Deployment telemetry/viewer" }),
      );
      expect(plan).toEqual({ stack: "local", unknown: "stack local has no state in this project" });
      expect((await fresh.run("skerry", "policy")).output).toContain("telemetry/viewer");
      expect(await fresh.run("tsc", "--noEmit")).toMatchObject({ code: 0 });
    } finally {
      writeFileSync(file, text);
    }
  });

  test("rejects an invalid fleet", async () => {
    const file = join(fresh.folder, "fleet.ts");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace('homeRegion: "frankfurt"', 'homeRegion: "frankfort"'));
    expect(await fresh.run("npm", "test")).toMatchObject({ code: 1 });
    expect((await fresh.run("skerry", "validate", "fleet.ts")).output).toContain('did you mean "frankfurt"?');
    writeFileSync(file, text);
  });
});
