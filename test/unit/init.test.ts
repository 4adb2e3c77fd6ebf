import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkRepository, writeRepository } from "../../cli/init/repository";

const scratch = mkdtempSync(join(tmpdir(), "skerry-init-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const root = join(__dirname, "..", "..");
const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

describe("skerry init", () => {
  const folder = join(scratch, "north-sea");
  const files = writeRepository({ folder, skerry: "file:vendor/skerry-0.1.0.tgz" });

  test("writes exactly the files that it reports", () => {
    const written = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect([...files].sort()).toEqual(written.sort());
    expect(files).toEqual(
      expect.arrayContaining([
        ".github/workflows/ci.yml",
        ".gitignore",
        "Pulumi.yaml",
        "charts.ts",
        "README.md",
        "fleet.test.ts",
        "fleet.ts",
        "index.test.ts",
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

  test("rejects a folder that is not empty, and changes nothing in it", () => {
    const used = join(scratch, "used");
    mkdirSync(join(used, ".git"), { recursive: true });
    expect(checkRepository({ folder: used })).toEqual([]);
    writeFileSync(join(used, "README.md"), "mine\n");
    expect(() => writeRepository({ folder: used, skerry: "0.1.0" })).toThrow(/contains 1 .*README\.md.*--force/);
    expect(readdirSync(used).sort()).toEqual([".git", "README.md"]);
    writeRepository({ folder: used, skerry: "0.1.0", force: true });
    expect(read(used, "README.md")).toMatch(/^# used\n/);
  });

  test("reports all problems at once", () => {
    const used = join(scratch, "Not_a_name");
    mkdirSync(used);
    writeFileSync(join(used, "file"), "");
    expect(checkRepository({ folder: used })).toEqual([
      expect.stringContaining("name: must be a DNS label"),
      expect.stringContaining("folder: "),
    ]);
    expect(checkRepository({ folder: used, name: "a-name", force: true })).toEqual([]);
  });

  test("rejects a file in place of the folder", () => {
    const file = join(scratch, "a-file");
    writeFileSync(file, "");
    expect(checkRepository({ folder: file })).toEqual([expect.stringContaining("is a file")]);
  });
});

describe("the dependencies of templates and examples", () => {
  const manifest = JSON.parse(read(root, "package.json")) as Record<string, Record<string, string>>;
  const versions: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };

  test.each(["templates/repository", "examples/platform-team"])(
    "have the versions of this checkout in %s",
    (folder) => {
      const { dependencies, devDependencies } = JSON.parse(read(root, folder, "package.json")) as Record<
        string,
        Record<string, string>
      >;
      const { skerry, ...rest } = { ...dependencies, ...devDependencies };
      expect(skerry).toContain(manifest.version);
      expect(Object.entries(rest).filter(([name, version]) => versions[name] !== version)).toEqual([]);
    },
  );

  test("include every peer dependency that is not optional", () => {
    const { dependencies } = JSON.parse(read(root, "templates/repository/package.json")) as typeof manifest;
    const peers = Object.keys(manifest.peerDependencies!).filter((name) => !(name in manifest.peerDependenciesMeta!));
    expect(Object.keys(dependencies!)).toEqual(expect.arrayContaining(peers));
  });
});

test("the preview workflow of a new repository is the one that this repository uses", () => {
  const own = read(root, ".github", "workflows", "preview.yaml");
  expect(read(root, "templates", "repository", ".github", "workflows", "preview.yml")).toBe(own);
});
