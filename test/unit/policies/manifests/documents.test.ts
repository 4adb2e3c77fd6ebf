import { parsePath } from "../../../../fleet/problem";
import { configMap, ManifestFolder } from "./manifest-folder";

const folder = new ManifestFolder();

test("reads concatenated JSON objects as kubectl does", () => {
  const json = (name: string): string => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
  folder.write({
    "a.json": `${json("a")}${json("b")}\n${json("c")}`,
    "mixed.json": `${json("d")}\n---\n${configMap("e")}`,
    "broken.json": `${json("f")}${json("g")}\nx: 1`,
  });
  expect(folder.read()).toMatchObject({
    names: ["a", "b", "c", "f", "g", "d", "e"].map((name) => `ConfigMap ${name}`),
    problems: ["broken.json:2: is not a JSON object"],
  });
  const [, b] = folder.read("a.json").manifests;
  expect(b!.place(["metadata", "name"])).toEqual({
    line: 1,
    column: json("a").length + json("b").indexOf('"name"') + 1,
  });
});

test("reads objects with a generateName", () => {
  folder.write({
    "x.yaml":
      "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: backup-}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: '', generateName: other-}\n",
  });
  expect(folder.read()).toMatchObject({ names: ["Job backup-*", "Job other-*"], problems: [] });
});

test("reads null as absent in the fields that identify an object", () => {
  folder.write({
    "x.yaml": `${configMap("a", "  namespace: null\n")}---\napiVersion: v1\nkind: List\nitems: null\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n`,
  });
  expect(folder.read()).toMatchObject({
    names: ["ConfigMap a"],
    problems: ["x.yaml:13: ConfigMap: metadata: missing"],
  });
});

test("reads documents and the items of lists, without empty documents", () => {
  const list = {
    apiVersion: "v1",
    kind: "List",
    items: [{ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "in-list" } }],
  };
  const typed = { apiVersion: "apps/v1", kind: "DeploymentList", items: [{ metadata: { name: "typed" } }] };
  folder.write({
    "a.yaml": `# a comment\n---\n---\n${configMap("one")}---\n${configMap("two")}...\n---\n${JSON.stringify(list)}\n---\n${JSON.stringify(typed)}\n`,
  });
  expect(folder.read()).toMatchObject({
    names: ["ConfigMap one", "ConfigMap two", "ConfigMap in-list", "Deployment typed"],
    problems: [],
  });
  expect(folder.read().manifests[3]!.object.apiVersion).toBe("apps/v1");
});

test("reads values as kubectl does: YAML 1.1, but dates and times are text", () => {
  const values = "data: {octal: 0644, yes: yes, day: 2026-11-24, time: 22:22, merged: {<<: {a: 1}, b: 2}}\n";
  folder.write({ "a.yaml": configMap("a", values) });
  expect(folder.read().manifests[0]!.object.data).toEqual({
    octal: 420,
    true: true,
    day: "2026-11-24",
    time: "22:22",
    merged: { a: 1, b: 2 },
  });
});

test("locates fields in lists and behind anchors, and missing fields at their parent", () => {
  folder.write({
    "a.yaml": `${configMap("first")}---\nkind: List\napiVersion: v1\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: &meta\n      name: second\n    data:\n      "a.b/c": 1\n  - kind: ConfigMap\n    apiVersion: v1\n    metadata: *meta\n`,
  });
  const [first, second, third] = folder.read().manifests;
  const at = (manifest: typeof first, path: string): string => {
    const { line, column } = manifest!.place(parsePath(path));
    return `${line}:${column}`;
  };
  expect([at(first, ""), at(first, "metadata.name"), at(first, "metadata.labels.app")]).toEqual(["1:1", "4:3", "3:1"]);
  expect([at(second, ""), at(second, 'data["a.b/c"]'), at(second, "spec.x[0]")]).toEqual(["9:5", "14:7", "9:5"]);
  expect(at(third, "metadata.name")).toBe("12:7");
});
