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

/** Creates a folder with empty files. */
function createProject(name: string, ...files: string[]): string {
  const folder = join(scratch, name);
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

describe("findProject", () => {
  const outer = createProject("outer", "Pulumi.yaml", "docs/deep/page.md", "inner/Pulumi.yaml", "inner/src/index.ts");

  test("finds the nearest project upwards", () => {
    expect(findProject(outer)).toBe(outer);
    expect(findProject(join(outer, "docs", "deep"))).toBe(outer);
    expect(findProject(join(outer, "inner", "src"))).toBe(join(outer, "inner"));
    expect(findProject(join(outer, "not", "there"))).toBe(outer);
  });

  test("finds no project without a Pulumi.yaml", () => expect(findProject(scratch)).toBeUndefined());
});

/** Returns the folders that a process in a working directory finds. */
function foldersFrom(cwd: string): { project: string; home: string; package: string } {
  const program = `
    const { projectFolder } = require("./components/project-folder");
    const { skerryHome, packageFolder } = require("./cli/folders");
    console.log(JSON.stringify({ project: projectFolder, home: skerryHome, package: packageFolder }));`;
  const code = program.replaceAll('"./', `"${root}/`);
  const { SKERRY_HOME: _home, ...env } = process.env;
  const tsx = require.resolve("tsx/cjs");
  return JSON.parse(
    execFileSync(process.execPath, ["--require", tsx, "-e", code], { cwd, env, encoding: "utf8" }),
  ) as ReturnType<typeof foldersFrom>;
}

describe("the folder of Skerry and the folder of the project", () => {
  test("are both the checkout, if the working directory is in it or in no project", () => {
    const checkout = { project: root, home: join(root, ".skerry"), package: root };
    expect(foldersFrom(join(root, "test"))).toEqual(checkout);
    expect(foldersFrom(scratch)).toEqual(checkout);
  });

  test("differ in a team's repository", () => {
    const team = createProject("team", "Pulumi.yaml", "src/index.ts");
    expect(foldersFrom(join(team, "src"))).toEqual({ project: team, home: join(team, ".skerry"), package: root });
  });

  test("are found by package.json", () => {
    expect(packageFolder).toBe(root);
    expect(packageVersion).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe("the fleet and the policy of a project", () => {
  test("are at the top of a small repository", () => {
    const small = createProject("small", "fleet.ts", "policy.ts");
    expect(fleetFile(small, "local")).toBe(join(small, "fleet.ts"));
    expect(policyFile(small)).toBe(join(small, "policy.ts"));
  });

  test("are in stacks/ of a repository with several stacks, where the fleet of a stack takes precedence", () => {
    const large = createProject("large", "fleet.ts", "stacks/production.ts", "stacks/policy.ts");
    expect(fleetFile(large, "production")).toBe(join(large, "stacks/production.ts"));
    expect(fleetFile(large, "local")).toBe(join(large, "fleet.ts"));
    expect(policyFile(large)).toBe(join(large, "stacks/policy.ts"));
  });

  test("are reported if missing", () => {
    const empty = createProject("empty", "Pulumi.yaml");
    expect(() => fleetFile(empty, "local")).toThrow(/no fleet found for stack "local".*stacks\/local\.ts or fleet\.ts/);
    expect(policyFile(empty)).toBeUndefined();
  });
});
