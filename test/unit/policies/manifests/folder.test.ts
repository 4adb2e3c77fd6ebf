import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { configMap, ManifestFolder } from "./manifest-folder";

const folder = new ManifestFolder();

test("reads a file once when several paths lead to it", () => {
  folder.write({ "a/x.yaml": configMap("x") });
  symlinkSync("a/x.yaml", join(folder.path, "link.yaml"));
  expect(folder.read(".", "a", "a/x.yaml", "link.yaml", "a/../a/x.yaml")).toMatchObject({
    names: ["ConfigMap x"],
    problems: [],
  });
});

test("reads the manifests of a folder in order, without other files, hidden files and node_modules", () => {
  folder.write({
    "b.yml": configMap("b"),
    "a/z.yaml": configMap("a-z"),
    "c.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
    "README.md": "{{ [",
    ".hidden.yaml": "[",
    ".github/ci.yaml": "on: push",
    "node_modules/x/x.yaml": "[",
  });
  expect(folder.read()).toMatchObject({ names: ["ConfigMap a-z", "ConfigMap b", "ConfigMap c"], problems: [] });
});

test("follows links inside the folder, and reads each file once", () => {
  folder.write({ "..data/a.yaml": configMap("a"), "deep/b.yaml": configMap("b") });
  symlinkSync("..data/a.yaml", join(folder.path, "a.yaml"));
  symlinkSync("deep/b.yaml", join(folder.path, "b.yaml"));
  symlinkSync("deep", join(folder.path, "again"));
  expect(folder.read()).toMatchObject({ names: ["ConfigMap a", "ConfigMap b"], problems: [] });
});

test("reads a pipe", () => {
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  execFileSync("bash", ["-c", `printf '%s' "$1" > "$0" &`, pipe, configMap("piped")], { stdio: "ignore" });
  expect(folder.read("pipe").names).toEqual(["ConfigMap piped"]);
});
