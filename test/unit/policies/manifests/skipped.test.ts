import { configMap, ManifestFolder } from "./manifest-folder";

const folder = new ManifestFolder();

const UNREADABLE = "unreadable, without apiVersion";
const RENDERED = "helm template DIR | skerry policy -";

describe("a document that is not an object is skipped with a description, and does not hide other documents", () => {
  test.each<[string, string, string | Buffer, string]>([
    [
      "a kustomization",
      "kustomization.yaml",
      "resources: []\n",
      "1: a kustomization: check its output with kubectl kustomize FOLDER | skerry policy -",
    ],
    [
      "a kustomization by its API group",
      "k.yaml",
      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
      "1: a kustomization: check its output with kubectl kustomize FOLDER | skerry policy -",
    ],
    ["values", "values-production.yaml", "image: {tag: 1}\n", "1: values of a Helm chart"],
    ["a dashboard", "board.json", '{"panels": [], "schemaVersion": 39}', "1: a Grafana dashboard"],
    ["an npm package", "package.json", '{"name": "a", "version": "1.0.0"}', "1: an npm package"],
    ["a Compose file", "docker-compose.yml", "services: {a: {image: b}}\n", "1: a Compose file"],
    ["an OpenAPI document", "api.yaml", "openapi: 3.1.0\n", "1: an OpenAPI document"],
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
    ["a fleet", "fleet.yaml", "regions: []\nclusters: []\n", "1: a fleet: pass it with --fleet"],
    [
      "a template",
      "t.yaml",
      'apiVersion: v1\na: {{ .Values.a }}\n{{- if b }}\nb: "{{ c }}"\n',
      `3: a template: check its output, for example with ${RENDERED}`,
    ],
    [
      "a template that looks like a mapping",
      "t.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {{ .Values.spec }}\n",
      `4: a template: check its output, for example with ${RENDERED}`,
    ],
    ["broken data", "broken.yaml", "a: [1\nb: 2\n", `2: ${UNREADABLE}: is not valid YAML: deficient indentation`],
    ["UTF-16", "u.yaml", Buffer.from("\ufeffa: 1", "utf16le"), ` ${UNREADABLE}: must be UTF-8, got UTF-16`],
  ])("%s", (_name, file, text, expected) => {
    folder.write({ [file]: text, "z.yaml": configMap("other") });
    expect(folder.read()).toMatchObject({ names: ["ConfigMap other"], problems: [], skipped: [`${file}:${expected}`] });
  });

  test("a chart's templates and values, but not its CustomResourceDefinitions", () => {
    folder.write({
      "chart/Chart.yaml": "apiVersion: v2\nname: c\n",
      "chart/values.yaml": "a: 1\n",
      "chart/values.schema.json": "{}",
      "chart/templates/a.yaml": "{{",
      "chart/crds/a.yaml": configMap("crd"),
      "z.yaml": configMap("other"),
    });
    expect(folder.read()).toMatchObject({
      names: ["ConfigMap crd", "ConfigMap other"],
      problems: [],
      skipped: ["chart/Chart.yaml: a Helm chart: check its output with helm template FOLDER/chart | skerry policy -"],
    });
  });

  test("the parts of a kustomization, but not its resources", () => {
    const kustomization = {
      resources: ["web.yaml", "../base"],
      patches: [{ path: "patch.yaml" }, { patch: "- op: remove\n" }],
      patchesStrategicMerge: ["../old.yaml", "kind: Pod\nmetadata: {}\n"],
      configMapGenerator: [{ name: "a", files: ["settings.json=files/a.json"] }],
    };
    folder.write({
      "over/kustomization.yaml": JSON.stringify(kustomization),
      "over/web.yaml": configMap("web"),
      "over/patch.yaml": configMap("web", "data: {}\n"),
      "over/files/a.json": "{}",
      "old.yaml": "kind: Pod\nmetadata: {}\n",
      "other.yaml": configMap("other"),
    });
    const piece = "part of FOLDER/over/kustomization.yaml, not a complete object";
    expect(folder.read()).toMatchObject({
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
