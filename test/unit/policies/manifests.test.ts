import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { nameOf } from "../../../fleet/kubernetes/object";
import { parsePath } from "../../../fleet/problem";
import { missingPaths, readManifests } from "../../../policies/manifests/read";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "skerry-manifests-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (files: Readonly<Record<string, string | Buffer>>): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
};
const placed = ({ file, line }: { readonly file: string; readonly line?: number }): string =>
  `${relative(folder, file)}${line === undefined ? "" : `:${line}`}`;
/** What is read below the folder: names of objects, problems and what is skipped, with paths that begin there. */
const readBut = (exclude: readonly string[], ...paths: string[]) => {
  const named = paths.length > 0 ? paths.map((path) => join(folder, path)) : [folder];
  const { manifests, problems, skipped } = readManifests(named, exclude);
  return {
    names: manifests.map(({ object }) => `${object.kind} ${nameOf(object)}`),
    problems: problems.map((each) => `${placed(each)}: ${each.message}`),
    skipped: skipped.map((each) => `${placed(each)}: ${each.what.replaceAll(folder, "FOLDER")}`),
    manifests,
  };
};
const read = (...paths: string[]) => readBut([], ...paths);
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
      const { line, column } = manifest!.place(parsePath(path));
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

const NOT_READABLE = "not readable, and without apiVersion";
const RENDERED = "helm template DIR | skerry policy -";

describe("what cannot be read is told, each with its line, and everything else is read", () => {
  test.each<[string, string | Buffer, string[]]>([
    ["malformed YAML", "apiVersion: [1\nb: 2\n", ["x.yaml:2: is not valid YAML: deficient indentation"]],
    ["an anchor that nobody set", "apiVersion: *b\n", ["x.yaml:1: uses an anchor that is not set above it: b"]],
    [
      "an anchor inside itself",
      "apiVersion: &a [*a]\n",
      ["x.yaml:1: uses an anchor inside what it names, which never ends"],
    ],
    [
      "too many uses of anchors",
      `apiVersion: &a 1\nb: [${"*a,".repeat(1001)}]\n`,
      ["x.yaml:2: uses anchors more than 1000 times"],
    ],
    [
      "anchors that explode",
      `apiVersion: &a [${"x,".repeat(9)}]\n${"bcdefghij".replace(/./g, (letter, index: number) => `${letter}: &${letter} [${`*${"abcdefghij"[index]},`.repeat(9)}]\n`)}`,
      ["x.yaml:7: is far larger than it looks: its anchors stand for more than 1000000 values"],
    ],
    ["nesting without end", `apiVersion: ${"[".repeat(2 ** 20)}`, ["x.yaml:1: is nested more than 200 levels deep"]],
    ["JSON without end", `{"apiVersion":${"[".repeat(2 ** 20)}`, ["x.yaml:1: is nested more than 200 levels deep"]],
    ["documents without end", "apiVersion: 1\n---\n".repeat(20_001), ["x.yaml: holds more than 20000 documents"]],
    ["a large file", Buffer.alloc(50 * 2 ** 20, "a"), ["x.yaml: has more than 10485760 bytes: split it"]],
    [
      "a binary file",
      Buffer.concat([Buffer.from("apiVersion"), Buffer.from([0, 1])]),
      ["x.yaml: must be text, got a zero byte"],
    ],
    ["Latin-1", Buffer.from("apiVersion: caf\u00e9", "latin1"), ["x.yaml: must be UTF-8"]],
    ["a number that is none", "apiVersion: v1\na: .nan\n", ["x.yaml:2: .nan has no JSON equivalent"]],
    ["a value that is not what its tag says", "apiVersion: !!int v1\n", ["x.yaml:1: cannot be read as !!int"]],
    ["a key that is no text", "apiVersion: v1\n[a, b]: 1\n", ["x.yaml:2: field name must be a string, got a list"]],
    ["a merge of a text", "apiVersion: v1\n<<: a\n", ["x.yaml:2: merge key << must refer to a mapping"]],
    [
      "text after a separator",
      "--- {apiVersion: v1}\n",
      ["x.yaml:1: has text after ---, which kubectl refuses: put it below"],
    ],
    [
      "an object without a name",
      "kind: Pod\nmetadata:\n  labels: {}\n",
      ["x.yaml:1: Pod: apiVersion: missing", "x.yaml:2: Pod: metadata.name: missing"],
    ],
    ["an object without metadata", "apiVersion: v1\nkind: Pod\n", ["x.yaml:1: Pod: metadata: missing"]],
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
      "a list that is no List",
      `- ${JSON.stringify({ apiVersion: "v1", kind: "Pod" })}\n`,
      [
        "x.yaml:1: got a list, wanted is an object with apiVersion, kind and metadata: put objects below items of a List, or between lines of ---",
      ],
    ],
    [
      "lists in lists in lists",
      `${'{"apiVersion":"v1","kind":"List","items":['.repeat(7)}${"]}".repeat(7)}`,
      ["x.yaml:1: lists lie more than 5 deep in each other"],
    ],
  ])("%s", (_name, text, expected) => {
    write({ "x.yaml": text, "z.yaml": map("other") });
    expect(read()).toMatchObject({ names: ["ConfigMap other"], problems: expected, skipped: [] });
  });

  test("one document of several", () => {
    write({ "x.yaml": `${map("a")}---\na: [\n---\n${map("b")}` });
    expect(read()).toMatchObject({
      names: ["ConfigMap a", "ConfigMap b"],
      problems: ["x.yaml:7: is not valid YAML: deficient indentation"],
    });
  });

  test("what kubectl takes in silence, with the object that it makes of it", () => {
    write({
      "doubled.yaml": `${map("a")}kind: Secret\n`,
      "doubled.json": '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":"b"}}',
      "ended.yaml": `${map("c")}...\n${map("lost")}`,
    });
    expect(read()).toMatchObject({
      names: ["Pod b", "Secret a", "ConfigMap c"],
      problems: [
        'doubled.json:1: duplicate field "name": the last value is used',
        'doubled.yaml:5: duplicate field "kind": the last value is used',
        "ended.yaml:6: is ignored by kubectl: a further document begins with ---, not after ...",
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

  test("what is named and holds nothing, or is a module", () => {
    write({ "empty.yaml": "# nothing\n", "fleet.ts": "", "folder/notes.txt": "", "values.yaml": "a: 1\n" });
    expect(read("empty.yaml", "fleet.ts", "folder", "values.yaml")).toMatchObject({
      problems: [
        "empty.yaml: holds no object",
        "fleet.ts: is a module, not manifests: name a fleet with --fleet",
        "folder: holds no object",
        "values.yaml: holds no object",
      ],
      skipped: ["values.yaml:1: values of a Helm chart"],
    });
    expect(missingPaths([join(folder, "none.yaml"), join(folder, "empty.yaml"), "-"])).toEqual([
      `${join(folder, "none.yaml")}: is not there`,
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

describe("what is no manifest is named, and everything else is read", () => {
  test.each<[string, string, string | Buffer, string]>([
    [
      "a kustomization",
      "kustomization.yaml",
      "resources: []\n",
      "1: a kustomization: check what it renders to with kubectl kustomize FOLDER | skerry policy -",
    ],
    [
      "a kustomization by its group",
      "k.yaml",
      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
      "1: a kustomization: check what it renders to with kubectl kustomize FOLDER | skerry policy -",
    ],
    ["values", "values-production.yaml", "image: {tag: 1}\n", "1: values of a Helm chart"],
    ["a dashboard", "board.json", '{"panels": [], "schemaVersion": 39}', "1: a Grafana dashboard"],
    ["an npm package", "package.json", '{"name": "a", "version": "1.0.0"}', "1: an npm package"],
    ["a Compose file", "docker-compose.yml", "services: {a: {image: b}}\n", "1: a Compose file"],
    ["an API's description", "api.yaml", "openapi: 3.1.0\n", "1: an OpenAPI document"],
    ["other data", "mkdocs.yml", "\nsite_name: a\n", "2: data without apiVersion and kind"],
    ["a list", "tasks.yml", "- name: a\n", "1: data without apiVersion and kind"],
    ["a text", "a.yaml", "hello\n", "1: data without apiVersion and kind"],
    [
      "a program's configuration",
      "kind.yaml",
      "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
      "1: a configuration file (kind.x-k8s.io/v1alpha4 Cluster)",
    ],
    [
      "a kubeconfig",
      "config.yaml",
      "apiVersion: v1\nkind: Config\nclusters: []\n",
      "1: a configuration file (v1 Config)",
    ],
    ["a fleet", "fleet.yaml", "regions: []\nclusters: []\n", "1: a fleet: name it with --fleet"],
    [
      "a template",
      "t.yaml",
      'apiVersion: v1\na: {{ .Values.a }}\n{{- if b }}\nb: "{{ c }}"\n',
      `3: a template: check what it renders to, as in ${RENDERED}`,
    ],
    [
      "a template that looks like a mapping",
      "t.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {{ .Values.spec }}\n",
      `4: a template: check what it renders to, as in ${RENDERED}`,
    ],
    ["broken data", "broken.yaml", "a: [1\nb: 2\n", `2: ${NOT_READABLE}: is not valid YAML: deficient indentation`],
    ["UTF-16", "u.yaml", Buffer.from("\ufeffa: 1", "utf16le"), ` ${NOT_READABLE}: must be UTF-8, got UTF-16`],
  ])("%s", (_name, file, text, expected) => {
    write({ [file]: text, "z.yaml": map("other") });
    expect(read()).toMatchObject({ names: ["ConfigMap other"], problems: [], skipped: [`${file}:${expected}`] });
  });

  test("a chart's templates and values; its definitions and what lies beside it are read", () => {
    write({
      "chart/Chart.yaml": "apiVersion: v2\nname: c\n",
      "chart/values.yaml": "a: 1\n",
      "chart/values.schema.json": "{}",
      "chart/templates/a.yaml": "{{",
      "chart/crds/a.yaml": map("crd"),
      "z.yaml": map("other"),
    });
    expect(read()).toMatchObject({
      names: ["ConfigMap crd", "ConfigMap other"],
      problems: [],
      skipped: [
        "chart/Chart.yaml: a Helm chart: check what it renders to with helm template FOLDER/chart | skerry policy -",
      ],
    });
  });

  test("pieces that a kustomization puts together; its resources are read", () => {
    const kustomization = {
      resources: ["web.yaml", "../base"],
      patches: [{ path: "patch.yaml" }, { patch: "- op: remove\n" }],
      patchesStrategicMerge: ["../old.yaml", "kind: Pod\nmetadata: {}\n"],
      configMapGenerator: [{ name: "a", files: ["settings.json=files/a.json"] }],
    };
    write({
      "over/kustomization.yaml": JSON.stringify(kustomization),
      "over/web.yaml": map("web"),
      "over/patch.yaml": map("web", "data: {}\n"),
      "over/files/a.json": "{}",
      "old.yaml": "kind: Pod\nmetadata: {}\n",
      "other.yaml": map("other"),
    });
    const piece = "a piece of FOLDER/over/kustomization.yaml, no object by itself";
    expect(read()).toMatchObject({
      names: ["ConfigMap other", "ConfigMap web"],
      problems: [],
      skipped: [
        `old.yaml: ${piece}`,
        `over/files/a.json: ${piece}`,
        `over/patch.yaml: ${piece}`,
        expect.stringMatching(/^over\/kustomization\.yaml:1: a kustomization/),
      ],
    });
  });
});

describe("paths are left out by patterns", () => {
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
  ])("%j leaves %j", (exclude, left) => {
    write({ "a.yaml": map("a"), "b.yml": map("b"), "deep/c.yaml": map("c"), "deep/d.yml": map("d") });
    expect(readBut(exclude)).toMatchObject({ names: left.map((name) => `ConfigMap ${name}`), problems: [] });
    write({ ".skerryignore": exclude.join("\n") });
    expect(read()).toMatchObject({ names: left.map((name) => `ConfigMap ${name}`), problems: [] });
  });

  test("also links that lead nowhere, and files that are named", () => {
    write({ "a.yaml": map("a"), "b.yaml": "apiVersion: [" });
    symlinkSync("nowhere", join(folder, "c.yaml"));
    expect(readBut(["b.yaml", "c.yaml"])).toMatchObject({ names: ["ConfigMap a"], problems: [] });
    expect(readBut(["b.yaml"], "a.yaml", "b.yaml")).toMatchObject({ names: ["ConfigMap a"], problems: [] });
  });

  test("in time that grows with the path, whatever the pattern", () => {
    write({ [`${"a".repeat(200)}.yaml`]: map("a") });
    expect(readBut([`${"*a".repeat(40)}*b`]).names).toEqual(["ConfigMap a"]);
  });
});

test("a file that several paths lead to is read once", () => {
  write({ "a/x.yaml": map("x") });
  symlinkSync("a/x.yaml", join(folder, "link.yaml"));
  expect(read(".", "a", "a/x.yaml", "link.yaml", "a/../a/x.yaml")).toMatchObject({
    names: ["ConfigMap x"],
    problems: [],
  });
});

test("JSON objects one after the other, as kubectl takes them", () => {
  const json = (name: string): string => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
  write({
    "a.json": `${json("a")}${json("b")}\n${json("c")}`,
    "mixed.json": `${json("d")}\n---\n${map("e")}`,
    "broken.json": `${json("f")}${json("g")}\nx: 1`,
  });
  expect(read()).toMatchObject({
    names: ["a", "b", "c", "f", "g", "d", "e"].map((name) => `ConfigMap ${name}`),
    problems: ["broken.json:2: is not a JSON object"],
  });
  const [, b] = read("a.json").manifests;
  expect(b!.place(["metadata", "name"])).toEqual({
    line: 1,
    column: json("a").length + json("b").indexOf('"name"') + 1,
  });
});

test("no message quotes what may be a secret", () => {
  const json = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}';
  write({
    "x.json": `${json}${json}{"apiVersion": "hunter2" x}`,
    "y.yaml": "apiVersion: v1\nstringData: {a: 'hunter2\n",
  });
  expect(read().problems).toEqual([
    "x.json:1: is not valid JSON",
    expect.stringMatching(/^y\.yaml:\d: is not valid YAML/),
  ]);
  expect(JSON.stringify(read().problems)).not.toContain("hunter2");
});

test("of many problems of one document, the first are told", () => {
  write({ "x.yaml": map("a", "data: {}\n".repeat(100)) });
  expect(read().problems).toHaveLength(20);
});

test("an object whose name the API server completes is one", () => {
  write({
    "x.yaml":
      "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: backup-}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: '', generateName: other-}\n",
  });
  expect(read()).toMatchObject({ names: ["Job backup-*", "Job other-*"], problems: [] });
});

test("null is absent where an object is told by", () => {
  write({
    "x.yaml": `${map("a", "  namespace: null\n")}---\napiVersion: v1\nkind: List\nitems: null\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n`,
  });
  expect(read()).toMatchObject({ names: ["ConfigMap a"], problems: ["x.yaml:13: ConfigMap: metadata: missing"] });
});
