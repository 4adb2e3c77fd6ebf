import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fleetFile, policyFile } from "../../cli/project";
import { findProject } from "../../components/project-folder";
import { packageFolder, packageVersion } from "../../fleet/package-folder";

const root = join(__dirname, "..", "..");
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "skerry-project-")));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Makes empty files in a folder of their own. */
function project(name: string, ...files: string[]): string {
  const folder = join(scratch, name);
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

describe("the project around a folder", () => {
  const outer = project("outer", "Pulumi.yaml", "docs/deep/page.md", "inner/Pulumi.yaml", "inner/src/index.ts");

  test("is the nearest one upwards", () => {
    expect(findProject(outer)).toBe(outer);
    expect(findProject(join(outer, "docs", "deep"))).toBe(outer);
    expect(findProject(join(outer, "inner", "src"))).toBe(join(outer, "inner"));
    expect(findProject(join(outer, "not", "there"))).toBe(outer);
  });

  test("is none where no Pulumi.yaml is", () => expect(findProject(scratch)).toBeUndefined());
});

/** What a process sees that works in a folder. */
function seenFrom(cwd: string): { project: string; home: string; package: string } {
  const program = `
    const { projectFolder } = require("./components/project-folder");
    const { skerryHome, packageFolder } = require("./cli/folders");
    console.log(JSON.stringify({ project: projectFolder, home: skerryHome, package: packageFolder }));`;
  const code = program.replaceAll('"./', `"${root}/`);
  const { SKERRY_HOME: _home, ...env } = process.env;
  const tsx = require.resolve("tsx/cjs");
  return JSON.parse(
    execFileSync(process.execPath, ["--require", tsx, "-e", code], { cwd, env, encoding: "utf8" }),
  ) as ReturnType<typeof seenFrom>;
}

describe("Skerry's own folder and the project", () => {
  test("are the checkout both, for who works in it or in no project", () => {
    const checkout = { project: root, home: join(root, ".skerry"), package: root };
    expect(seenFrom(join(root, "test"))).toEqual(checkout);
    expect(seenFrom(scratch)).toEqual(checkout);
  });

  test("are two in a team's repository", () => {
    const team = project("team", "Pulumi.yaml", "src/index.ts");
    expect(seenFrom(join(team, "src"))).toEqual({ project: team, home: join(team, ".skerry"), package: root });
  });

  test("are known by package.json", () => {
    expect(packageFolder).toBe(root);
    expect(packageVersion).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe("where things are in a project", () => {
  test("at the top of a small one", () => {
    const small = project("small", "fleet.ts", "policy.ts");
    expect(fleetFile(small, "local")).toBe(join(small, "fleet.ts"));
    expect(policyFile(small)).toBe(join(small, "policy.ts"));
  });

  test("in stacks/ of one with several, where a stack's own fleet goes before", () => {
    const large = project("large", "fleet.ts", "stacks/production.ts", "stacks/policy.ts");
    expect(fleetFile(large, "production")).toBe(join(large, "stacks/production.ts"));
    expect(fleetFile(large, "local")).toBe(join(large, "fleet.ts"));
    expect(policyFile(large)).toBe(join(large, "stacks/policy.ts"));
  });

  test("is said where there is nothing", () => {
    const empty = project("empty", "Pulumi.yaml");
    expect(() => fleetFile(empty, "local")).toThrow(/no fleet for stack "local".*stacks\/local\.ts and fleet\.ts/);
    expect(policyFile(empty)).toBeUndefined();
  });
});
