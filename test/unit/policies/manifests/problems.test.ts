import { execFileSync } from "node:child_process";
import { chmodSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findMissingPaths, readManifests } from "../../../../policies/manifests/read";
import { configMap, ManifestFolder } from "./manifest-folder";

const folder = new ManifestFolder();

describe("an unreadable document is a problem with its line, and does not hide other documents", () => {
  test.each<[string, string | Buffer, string[]]>([
    ["malformed YAML", "apiVersion: [1\nb: 2\n", ["x.yaml:2: is not valid YAML: deficient indentation"]],
    ["an undefined anchor", "apiVersion: *b\n", ["x.yaml:1: uses an anchor that is not set above it: b"]],
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
    ["endless nesting", `apiVersion: ${"[".repeat(2 ** 20)}`, ["x.yaml:1: is nested more than 200 levels deep"]],
    ["endless JSON", `{"apiVersion":${"[".repeat(2 ** 20)}`, ["x.yaml:1: is nested more than 200 levels deep"]],
    ["too many documents", "apiVersion: 1\n---\n".repeat(20_001), ["x.yaml: must have at most 20000 documents"]],
    ["a large file", Buffer.alloc(50 * 2 ** 20, "a"), ["x.yaml: must be at most 10485760 bytes: split the file"]],
    [
      "a binary file",
      Buffer.concat([Buffer.from("apiVersion"), Buffer.from([0, 1])]),
      ["x.yaml: must be text, got a zero byte"],
    ],
    ["Latin-1", Buffer.from("apiVersion: caf\u00e9", "latin1"), ["x.yaml: must be UTF-8"]],
    ["not a number", "apiVersion: v1\na: .nan\n", ["x.yaml:2: .nan has no JSON equivalent"]],
    ["a value of another type than its tag", "apiVersion: !!int v1\n", ["x.yaml:1: cannot be read as !!int"]],
    ["a key that is not text", "apiVersion: v1\n[a, b]: 1\n", ["x.yaml:2: field name must be a string, got a list"]],
    ["a merge of a text", "apiVersion: v1\n<<: a\n", ["x.yaml:2: merge key << must refer to a mapping"]],
    [
      "text after a separator",
      "--- {apiVersion: v1}\n",
      ["x.yaml:1: has text after ---, which kubectl rejects: move it to the next line"],
    ],
    [
      "an object without a name",
      "kind: Pod\nmetadata:\n  labels: {}\n",
      ["x.yaml:1: Pod: apiVersion: missing", "x.yaml:2: Pod: metadata.name: missing"],
    ],
    ["an object without metadata", "apiVersion: v1\nkind: Pod\n", ["x.yaml:1: Pod: metadata: missing"]],
    [
      "names that are not text",
      "apiVersion: 1\nkind: [Pod]\nmetadata:\n  name: 07\n  namespace: yes\n",
      [
        "x.yaml:1: apiVersion: got 1, must be text: put it in quotes",
        "x.yaml:2: kind: got a list, must be text",
        "x.yaml:4: metadata.name: got 7, must be text: put it in quotes",
        "x.yaml:5: metadata.namespace: got true, must be text: put it in quotes",
      ],
    ],
    [
      "a sequence instead of a List",
      `- ${JSON.stringify({ apiVersion: "v1", kind: "Pod" })}\n`,
      [
        "x.yaml:1: got a list, must be an object with apiVersion, kind and metadata: put objects into the items of a List, or separate them with ---",
      ],
    ],
    [
      "nested lists",
      `${'{"apiVersion":"v1","kind":"List","items":['.repeat(7)}${"]}".repeat(7)}`,
      ["x.yaml:1: lists must be nested at most 5 levels deep"],
    ],
  ])("%s", (_name, text, expected) => {
    folder.write({ "x.yaml": text, "z.yaml": configMap("other") });
    expect(folder.read()).toMatchObject({ names: ["ConfigMap other"], problems: expected, skipped: [] });
  });

  test("one of several documents", () => {
    folder.write({ "x.yaml": `${configMap("a")}---\na: [\n---\n${configMap("b")}` });
    expect(folder.read()).toMatchObject({
      names: ["ConfigMap a", "ConfigMap b"],
      problems: ["x.yaml:7: is not valid YAML: deficient indentation"],
    });
  });

  test("mistakes that kubectl silently accepts, with the object that kubectl reads", () => {
    folder.write({
      "doubled.yaml": `${configMap("a")}kind: Secret\n`,
      "doubled.json": '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":"b"}}',
      "ended.yaml": `${configMap("c")}...\n${configMap("lost")}`,
    });
    expect(folder.read()).toMatchObject({
      names: ["Pod b", "Secret a", "ConfigMap c"],
      problems: [
        'doubled.json:1: duplicate field "name": the last value is used',
        'doubled.yaml:5: duplicate field "kind": the last value is used',
        "ended.yaml:6: is ignored by kubectl: a further document begins with ---, not after ...",
      ],
    });
  });

  test("links that loop, dangle or leave the folder, and special files", () => {
    folder.write({ "in/z.yaml": configMap("other") });
    symlinkSync("..", join(folder.path, "in/up"));
    symlinkSync("self.yaml", join(folder.path, "self.yaml"));
    symlinkSync("nowhere.yaml", join(folder.path, "dangling.yaml"));
    symlinkSync("nowhere", join(folder.path, "dangling"));
    symlinkSync(tmpdir(), join(folder.path, "out"));
    symlinkSync("/etc/passwd", join(folder.path, "passwd.yaml"));
    execFileSync("mkfifo", [join(folder.path, "pipe.yaml")]);
    expect(folder.read()).toMatchObject({
      names: ["ConfigMap other"],
      problems: [
        "dangling.yaml: not found",
        "in/up: is a symbolic link to one of its parent folders",
        "out: is a symbolic link out of the folder, which is not followed: pass its target as a path",
        "passwd.yaml: is a symbolic link out of the folder, which is not followed: pass its target as a path",
        "pipe.yaml: is not a regular file",
        "self.yaml: is a symbolic link to itself",
      ],
    });
  });

  test("paths without objects, and modules", () => {
    folder.write({ "empty.yaml": "# nothing\n", "fleet.ts": "", "folder/notes.txt": "", "values.yaml": "a: 1\n" });
    expect(folder.read("empty.yaml", "fleet.ts", "folder", "values.yaml")).toMatchObject({
      problems: [
        "empty.yaml: contains no Kubernetes object",
        "fleet.ts: is a module, not a manifest: pass a fleet with --fleet",
        "folder: contains no Kubernetes object",
        "values.yaml: contains no Kubernetes object",
      ],
      skipped: ["values.yaml:1: values of a Helm chart"],
    });
    expect(findMissingPaths([join(folder.path, "none.yaml"), join(folder.path, "empty.yaml"), "-"])).toEqual([
      `${join(folder.path, "none.yaml")}: not found`,
    ]);
  });

  test("files without read permission", () => {
    folder.write({ "x.yaml": configMap("x"), "z.yaml": configMap("other") });
    chmodSync(join(folder.path, "x.yaml"), 0);
    // The superuser may read everything.
    const expected = process.getuid?.() === 0 ? [] : ["x.yaml: permission denied"];
    expect(folder.read().problems).toEqual(expected);
    expect(readManifests(["/proc/self/mem"]).problems).toHaveLength(1);
  });
});

test("does not quote text that may be a secret", () => {
  const json = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}';
  folder.write({
    "x.json": `${json}${json}{"apiVersion": "hunter2" x}`,
    "y.yaml": "apiVersion: v1\nstringData: {a: 'hunter2\n",
  });
  expect(folder.read().problems).toEqual([
    "x.json:1: is not valid JSON",
    expect.stringMatching(/^y\.yaml:\d: is not valid YAML/),
  ]);
  expect(JSON.stringify(folder.read().problems)).not.toContain("hunter2");
});

test("reports the first 20 problems of a document", () => {
  folder.write({ "x.yaml": configMap("a", "data: {}\n".repeat(100)) });
  expect(folder.read().problems).toHaveLength(20);
});
