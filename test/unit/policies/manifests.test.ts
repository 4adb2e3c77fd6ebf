import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { pathSteps } from "../../../fleet/problem";
import { problemText } from "../../../policies/manifests/problem";
import { readManifests } from "../../../policies/manifests/read";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "skerry-manifests-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (files: Readonly<Record<string, string | Buffer>>): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
};
/** What is read below the folder: names of objects, and problems with paths that begin there. */
const read = (...paths: string[]) => {
  const { manifests, problems } = readManifests(paths.length > 0 ? paths.map((path) => join(folder, path)) : [folder]);
  return {
    names: manifests.map(({ object }) => `${object.kind} ${object.metadata.name}`),
    problems: problems.map((each) => problemText({ ...each, file: relative(folder, each.file) })),
    manifests,
  };
};
const map = (name: string, more = ""): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;

describe("what is read", () => {
  test("files of a folder and of those in it, in order; other files, hidden ones and node_modules are passed over", () => {
    write({
      "b.yml": map("b"),
      "a/z.yaml": map("a-z"),
      "c.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
      "README.md": "{{ [",
      ".hidden.yaml": "[",
      ".github/ci.yaml": "on: push",
      "node_modules/x/x.yaml": "[",
    });
    expect(read()).toMatchObject({ names: ["ConfigMap a-z", "ConfigMap b", "ConfigMap c"], problems: [] });
  });

  test("documents one after the other, without the empty ones, and the items of lists", () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [{ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "in-list" } }],
    };
    const typed = { apiVersion: "apps/v1", kind: "DeploymentList", items: [{ metadata: { name: "typed" } }] };
    write({
      "a.yaml": `# a comment\n---\n---\n${map("one")}---\n${map("two")}...\n---\n${JSON.stringify(list)}\n---\n${JSON.stringify(typed)}\n`,
    });
    expect(read()).toMatchObject({
      names: ["ConfigMap one", "ConfigMap two", "ConfigMap in-list", "Deployment typed"],
      problems: [],
    });
    expect(read().manifests[3]!.object.apiVersion).toBe("apps/v1");
  });

  test("values as kubectl reads them: YAML 1.1, but days and times stay text", () => {
    const values = "data: {octal: 0644, yes: yes, day: 2026-11-24, time: 22:22, merged: {<<: {a: 1}, b: 2}}\n";
    write({ "a.yaml": map("a", values) });
    expect(read().manifests[0]!.object.data).toEqual({
      octal: 420,
      true: true,
      day: "2026-11-24",
      time: "22:22",
      merged: { a: 1, b: 2 },
    });
  });

  test("a field's line, in lists and behind anchors too; of what is missing, the line that it would be below", () => {
    write({
      "a.yaml": `${map("first")}---\nkind: List\napiVersion: v1\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: &meta\n      name: second\n    data:\n      "a.b/c": 1\n  - kind: ConfigMap\n    apiVersion: v1\n    metadata: *meta\n`,
    });
    const [first, second, third] = read().manifests;
    const at = (manifest: typeof first, path: string): string => {
      const { line, column } = manifest!.place(pathSteps(path));
      return `${line}:${column}`;
    };
    expect([at(first, ""), at(first, "metadata.name"), at(first, "metadata.labels.app")]).toEqual([
      "1:1",
      "4:3",
      "3:1",
    ]);
    expect([at(second, ""), at(second, 'data["a.b/c"]'), at(second, "spec.x[0]")]).toEqual(["9:5", "14:7", "9:5"]);
    expect(at(third, "metadata.name")).toBe("12:7");
  });

  test("a link inside the folder is followed, and each file read once", () => {
    write({ "..data/a.yaml": map("a"), "deep/b.yaml": map("b") });
    symlinkSync("..data/a.yaml", join(folder, "a.yaml"));
    symlinkSync("deep/b.yaml", join(folder, "b.yaml"));
    symlinkSync("deep", join(folder, "again"));
    expect(read()).toMatchObject({ names: ["ConfigMap a", "ConfigMap b"], problems: [] });
  });

  test("a pipe that is named itself", () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    execFileSync("bash", ["-c", `printf '%s' "$1" > "$0" &`, pipe, map("piped")], { stdio: "ignore" });
    expect(read("pipe").names).toEqual(["ConfigMap piped"]);
  });
});

describe("what cannot be read is said, each with its line, and everything else is read", () => {
  test.each<[string, string | Buffer, string[]]>([
    [
      "malformed YAML",
      "a: [1\nb: 2\n",
      ["x.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ],
    ["a doubled key", `${map("a")}kind: Secret\n`, ["x.yaml:5: Map keys must be unique"]],
    ["a tag that nobody knows", "a: !Ref b\n", ["x.yaml:1: Unresolved tag: !Ref"]],
    [
      "an anchor that nobody set",
      "a: *b\n",
      ["x.yaml:1: cannot be read: Unresolved alias (the anchor must be set before the alias): b"],
    ],
    ["an anchor inside itself", "a: &a [*a]\n", ["x.yaml:1: uses an anchor inside what it names, which never ends"]],
    [
      "too many uses of anchors",
      `a: &a 1\nb: [${"*a,".repeat(1001)}]\n`,
      ["x.yaml:1: uses anchors 1001 times, allowed are 1000"],
    ],
    [
      "anchors that explode",
      `a: &a [${"x,".repeat(9)}]\n${"bcdefghij".replace(/./g, (letter, index: number) => `${letter}: &${letter} [${`*${"abcdefghij"[index]},`.repeat(9)}]\n`)}`,
      ["x.yaml:1: is far larger than it looks: its anchors stand for more than 1000000 values"],
    ],
    ["nesting without end", "[".repeat(10 * 2 ** 20), ["x.yaml: is nested more than 200 levels deep in line 1"]],
    ["documents without end", "a\n---\n".repeat(20_001), ["x.yaml: holds more than 20000 documents"]],
    ["a large file", Buffer.alloc(50 * 2 ** 20, "a"), ["x.yaml: has more than 10485760 bytes: split it"]],
    ["a binary file", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), ["x.yaml: is no text: it holds a zero byte"]],
    ["UTF-16", Buffer.from("\ufeffa: 1", "utf16le"), ["x.yaml: is UTF-16 text, allowed is UTF-8: save it as that"]],
    ["Latin-1", Buffer.from("a: caf\u00e9", "latin1"), ["x.yaml: is not UTF-8 text"]],
    [
      "nothing that is an object",
      "- 1\n---\n7\n",
      [
        "x.yaml:1: got a list, wanted is an object with apiVersion, kind and metadata",
        "x.yaml:3: got 7, wanted is an object with apiVersion, kind and metadata",
      ],
    ],
    [
      "an object without a name",
      "kind: Pod\nmetadata:\n  labels: {}\n",
      ["x.yaml:1: Pod: apiVersion: missing", "x.yaml:2: Pod: metadata.name: missing"],
    ],
    [
      "names that are no text",
      "apiVersion: 1\nkind: [Pod]\nmetadata:\n  name: 07\n  namespace: yes\n",
      [
        "x.yaml:1: apiVersion: got 1, wanted is text: put it in quotes",
        "x.yaml:2: kind: got a list, wanted is text",
        "x.yaml:4: metadata.name: got 7, wanted is text: put it in quotes",
        "x.yaml:5: metadata.namespace: got true, wanted is text: put it in quotes",
      ],
    ],
    [
      "an object that is named later",
      "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
      ["x.yaml:3: Pod: metadata.generateName: names nothing yet: give it metadata.name, as apply wants too"],
    ],
    [
      "lists in lists in lists",
      `${'{"kind":"List","items":['.repeat(7)}${"]}".repeat(7)}`,
      ["x.yaml:1: lists lie more than 5 deep in each other"],
    ],
    [
      "a template",
      'a: {{ .Values.a }}\n{{- if b }}\nb: "{{ c }}"\n',
      ['x.yaml:2: holds "{{": a template is checked as what it renders to: `helm template DIR | skerry policy -`'],
    ],
    [
      "a kustomization",
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\n",
      [
        "x.yaml:1: is a kustomization, which is checked as what it renders to: `kubectl kustomize DIR | skerry policy -`",
      ],
    ],
    ["a fleet", "regions: []\nclusters: []\n", ["x.yaml:1: is a fleet: name it with --fleet"]],
  ])("%s", (_name, text, expected) => {
    write({ "x.yaml": text, "z.yaml": map("other") });
    expect(read()).toMatchObject({ names: ["ConfigMap other"], problems: expected });
  });

  test("sources of what renders manifests, once a folder", () => {
    write({
      "chart/Chart.yaml": "apiVersion: v2\nname: c\n",
      "chart/templates/a.yaml": "{{",
      "base/kustomization.yaml": "resources: []\n",
      "base/patch.yaml": "[",
      "z.yaml": map("other"),
    });
    expect(read()).toMatchObject({
      names: ["ConfigMap other"],
      problems: [
        "base: is a kustomization, which is checked as what it renders to: `kubectl kustomize DIR | skerry policy -`",
        "chart: is a Helm chart, which is checked as what it renders to: `helm template DIR | skerry policy -`",
      ],
    });
  });

  test("links that loop, lead out of the folder or nowhere, and what is no file", () => {
    write({ "in/z.yaml": map("other") });
    symlinkSync("..", join(folder, "in/up"));
    symlinkSync("self.yaml", join(folder, "self.yaml"));
    symlinkSync("nowhere.yaml", join(folder, "dangling.yaml"));
    symlinkSync("nowhere", join(folder, "dangling"));
    symlinkSync(tmpdir(), join(folder, "out"));
    symlinkSync("/etc/passwd", join(folder, "passwd.yaml"));
    execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
    expect(read()).toMatchObject({
      names: ["ConfigMap other"],
      problems: [
        "dangling.yaml: is not there",
        "in/up: is a link to a folder that it lies in: a loop",
        "out: is a link out of the folder, which is not followed: name what it leads to",
        "passwd.yaml: is a link out of the folder, which is not followed: name what it leads to",
        "pipe.yaml: is no regular file",
        "self.yaml: is a link to itself: a loop",
      ],
    });
  });

  test("what is named and is not there, holds nothing, or is a module", () => {
    write({ "empty.yaml": "# nothing\n", "fleet.ts": "", "folder/notes.txt": "" });
    expect(read("none.yaml", "empty.yaml", "fleet.ts", "folder").problems).toEqual([
      "none.yaml: is not there",
      "empty.yaml: holds no object",
      "fleet.ts: is a module, not manifests: name a fleet with --fleet",
      "folder: holds no file that ends in .yaml, .yml or .json",
    ]);
  });

  test("what this user may not read", () => {
    write({ "x.yaml": map("x"), "z.yaml": map("other") });
    chmodSync(join(folder, "x.yaml"), 0);
    // The superuser may read everything.
    const expected = process.getuid?.() === 0 ? [] : ["x.yaml: may not be read by this user"];
    expect(read().problems).toEqual(expected);
    expect(readManifests(["/proc/self/mem"]).problems).toHaveLength(1);
  });
});
