import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { repositoryProblems, writeRepository } from "../../cli/init/repository";

const scratch = mkdtempSync(join(tmpdir(), "skerry-init-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const root = join(__dirname, "..", "..");
const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

describe("skerry init", () => {
  const folder = join(scratch, "north-sea");
  const files = writeRepository({ folder, skerry: "file:vendor/skerry-0.1.0.tgz" });

  test("writes each file that it names, and no other", () => {
    const there = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect([...files].sort()).toEqual(there.sort());
    expect(files).toEqual(
      expect.arrayContaining([
        ".github/workflows/ci.yml",
        ".gitignore",
        "Pulumi.yaml",
        "README.md",
        "fleet.test.ts",
        "fleet.ts",
        "index.ts",
        "jest.config.js",
        "package.json",
        "policy.ts",
        "tsconfig.json",
      ]),
    );
  });

  test("names the fleet, the package and the project after the folder", () => {
    expect(JSON.parse(read(folder, "package.json"))).toMatchObject({
      name: "north-sea",
      dependencies: { skerry: "file:vendor/skerry-0.1.0.tgz" },
    });
    expect(read(folder, "Pulumi.yaml")).toMatch(/^name: north-sea$/m);
    expect(read(folder, "fleet.ts")).toContain('name: "north-sea"');
    expect(files.filter((file) => read(folder, file).includes("my-fleet"))).toEqual([]);
  });

  test("refuses a folder that holds something, and touches nothing in it", () => {
    const used = join(scratch, "used");
    mkdirSync(join(used, ".git"), { recursive: true });
    expect(repositoryProblems({ folder: used })).toEqual([]);
    writeFileSync(join(used, "README.md"), "mine\n");
    expect(() => writeRepository({ folder: used, skerry: "0.1.0" })).toThrow(/holds 1 .*README\.md.*--force/);
    expect(readdirSync(used).sort()).toEqual([".git", "README.md"]);
    writeRepository({ folder: used, skerry: "0.1.0", force: true });
    expect(read(used, "README.md")).toMatch(/^# used\n/);
  });

  test("says everything that is wrong at once", () => {
    const used = join(scratch, "Not_a_name");
    mkdirSync(used);
    writeFileSync(join(used, "file"), "");
    expect(repositoryProblems({ folder: used })).toEqual([
      expect.stringContaining('name: got "Not_a_name"'),
      expect.stringContaining("folder: "),
    ]);
    expect(repositoryProblems({ folder: used, name: "a-name", force: true })).toEqual([]);
  });

  test("refuses a file in the folder's place", () => {
    const file = join(scratch, "a-file");
    writeFileSync(file, "");
    expect(repositoryProblems({ folder: file })).toEqual([expect.stringContaining("is a file")]);
  });
});

describe("a package that a template or an example names", () => {
  const ours = JSON.parse(read(root, "package.json")) as Record<string, Record<string, string>>;
  const known: Record<string, string> = { ...ours.dependencies, ...ours.devDependencies };

  test.each(["templates/repository", "examples/platform-team"])("has the version of this checkout in %s", (folder) => {
    const { dependencies, devDependencies } = JSON.parse(read(root, folder, "package.json")) as Record<
      string,
      Record<string, string>
    >;
    const { skerry, ...rest } = { ...dependencies, ...devDependencies };
    expect(skerry).toContain(ours.version);
    expect(Object.entries(rest).filter(([name, version]) => known[name] !== version)).toEqual([]);
  });

  test("is every one that has to be there once", () => {
    const { dependencies } = JSON.parse(read(root, "templates/repository/package.json")) as typeof ours;
    const peers = Object.keys(ours.peerDependencies!).filter((name) => name !== "jest");
    expect(Object.keys(dependencies!)).toEqual(expect.arrayContaining(peers));
  });
});

test("the preview workflow of a new repository is the one that this repository uses", () => {
  const own = read(root, ".github", "workflows", "preview.yaml");
  expect(read(root, "templates", "repository", ".github", "workflows", "preview.yml")).toBe(own);
});
