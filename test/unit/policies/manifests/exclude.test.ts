import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { configMap, ManifestFolder } from "./manifest-folder";

const folder = new ManifestFolder();

describe("exclude patterns", () => {
  test.each<[string[], string[]]>([
    [[], ["a", "b", "c", "d"]],
    [["*.yml"], ["a", "c"]],
    [["deep"], ["a", "b"]],
    [["deep/*.yaml"], ["a", "b", "d"]],
    [["/*.yml"], ["a", "c", "d"]],
    [["**/[cd].y*ml"], ["a", "b"]],
    [
      ["deep/**", "!deep/d.yml"],
      ["a", "b", "d"],
    ],
    [["?.yaml"], ["b", "d"]],
    [["a.yaml/"], ["a", "b", "c", "d"]],
    [
      ["# a comment", "", "deep/"],
      ["a", "b"],
    ],
  ])("%j keep %j", (exclude, kept) => {
    folder.write({
      "a.yaml": configMap("a"),
      "b.yml": configMap("b"),
      "deep/c.yaml": configMap("c"),
      "deep/d.yml": configMap("d"),
    });
    expect(folder.readWithout(exclude)).toMatchObject({ names: kept.map((name) => `ConfigMap ${name}`), problems: [] });
    folder.write({ ".skerryignore": exclude.join("\n") });
    expect(folder.read()).toMatchObject({ names: kept.map((name) => `ConfigMap ${name}`), problems: [] });
  });

  test("apply to dangling links and to files that are passed as paths", () => {
    folder.write({ "a.yaml": configMap("a"), "b.yaml": "apiVersion: [" });
    symlinkSync("nowhere", join(folder.path, "c.yaml"));
    expect(folder.readWithout(["b.yaml", "c.yaml"])).toMatchObject({ names: ["ConfigMap a"], problems: [] });
    expect(folder.readWithout(["b.yaml"], "a.yaml", "b.yaml")).toMatchObject({ names: ["ConfigMap a"], problems: [] });
  });

  test("match in linear time", () => {
    folder.write({ [`${"a".repeat(200)}.yaml`]: configMap("a") });
    expect(folder.readWithout([`${"*a".repeat(40)}*b`]).names).toEqual(["ConfigMap a"]);
  });
});
