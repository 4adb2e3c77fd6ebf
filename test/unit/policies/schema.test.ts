import { renderFleet } from "../../../charts/render";
import { parseFleet } from "../../../fleet/reading/parse";
import { deprecatedApis, isRemoved } from "../../../policies/kubernetes/deprecated-apis";
import type { ClusterRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { matchesSchema } from "../../../policies/rules/matches-schema";
import { schemaText } from "../../../policies/schema/generate";
import { knownMinors, kubernetesSchema, minorOf } from "../../../policies/schema/versions";
import local from "../../../stacks/local";
import { app } from "./cluster-cases/case";

const rendered = renderFleet(parseFleet(local));
const told = (objects: Parameters<ClusterRule["check"]>[0]["objects"], version = "1.36.3"): string[] =>
  matchesSchema
    .check({ kubernetesVersion: version, objects })
    .map(({ object, path, message }) => `${object.kind} ${object.metadata.name} ${path}: ${message}`);

test.each(rendered.map((cluster) => [cluster.cluster, cluster] as const))(
  "what the local fleet runs in %s has the form that every known version states",
  (_name, { definitions, objects }) => {
    for (const minor of knownMinors()) expect(told([...definitions, ...objects], `${minor}.0`)).toEqual([]);
  },
);

test.each(rendered.map((cluster) => [cluster.cluster, cluster] as const))(
  "no rule that stops anybody finds something in what the local fleet runs in %s",
  (_name, { definitions, objects }) => {
    const found = rules
      .filter((rule): rule is ClusterRule => rule.subject === "cluster" && rule.severity === "error")
      .flatMap((rule) => rule.check({ kubernetesVersion: "1.36.3", objects: [...definitions, ...objects] }));
    expect(found.map(({ object, path, message }) => `${object.metadata.name} ${path}: ${message}`)).toEqual([]);
  },
);

test("versions are read as Kubernetes and K3s write them", () => {
  expect(knownMinors()).toEqual(["1.34", "1.35", "1.36", "1.37"]);
  expect(["1.36.3", "v1.36.4+k3s1", "1.36", "latest", "1"].map(minorOf)).toEqual([
    "1.36",
    "1.36",
    "1.36",
    undefined,
    undefined,
  ]);
  expect(told([app("example")], "latest")).toEqual([
    "Deployment example : got Kubernetes latest, must be one of 1.34, 1.35, 1.36, 1.37; no object was checked against a schema",
  ]);
});

test("what is said to be removed is in the schema of no version since, and in those before", () => {
  for (const minor of knownMinors()) {
    const { kinds } = kubernetesSchema(minor);
    for (const { apiVersion, kinds: names } of deprecatedApis) {
      for (const kind of names) {
        const removed = isRemoved({ apiVersion, kind, metadata: { name: "example" } }, minor);
        expect([minor, apiVersion, kind, Object.hasOwn(kinds, `${apiVersion} ${kind}`)]).toEqual([
          minor,
          apiVersion,
          kind,
          !removed,
        ]);
      }
    }
  }
});

test("a kind of a newer version is unknown to an older one", () => {
  const newer = Object.keys(kubernetesSchema("1.37").kinds).filter(
    (kind) => !Object.hasOwn(kubernetesSchema("1.34").kinds, kind),
  );
  expect(newer.length).toBeGreaterThan(0);
  const [apiVersion, kind] = newer[0]!.split(" ") as [string, string];
  const object = { apiVersion, kind, metadata: { name: "example" } };
  expect(told([object], "1.34.0")).not.toEqual([]);
  expect(told([object], "1.37.0").filter((each) => !each.includes("missing"))).toEqual([]);
});

test("one object that cannot be checked hides nothing of the others", () => {
  const nested = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "deep" },
    spec: {
      group: "example.com",
      scope: "Cluster",
      names: { kind: "Deep", plural: "deeps" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: nest(20_000) } }],
    },
  };
  const found = told([
    nested,
    app("example", { wrong: 1 }),
    { apiVersion: "example.com/v1", kind: "Deep", metadata: { name: "a" } },
  ]);
  expect(found).toEqual([
    "CustomResourceDefinition deep : cannot be checked: it is nested too deeply",
    expect.stringMatching(/^Deployment example spec.template.spec.wrong: unknown field of PodSpec/),
    "Deep a : cannot be checked: it is nested too deeply",
  ]);
});

function nest(depth: number): object {
  let schema: object = { type: "object" };
  for (let level = 0; level < depth; level += 1) schema = { type: "object", properties: { a: schema } };
  return schema;
}

test("of many problems of one object, the first are told", () => {
  const spec = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x${index}`, 1]));
  const found = told([app("example", spec)]);
  expect(found).toHaveLength(51);
  expect(found.at(-1)).toBe("Deployment example : has 150 more such problems");
});

test("the file of a release keeps what decides, a definition a line", () => {
  const meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
  const text = schemaText("1.99.1", {
    definitions: {
      [meta]: { type: "object", description: "said", properties: { name: { type: "string", description: "said" } } },
      "v1.Thing": {
        type: "object",
        required: ["size", "name"],
        properties: {
          size: { $ref: "#/definitions/v1.Size", description: "said" },
          metadata: { $ref: `#/definitions/${meta}` },
        },
        "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Thing" }],
      },
      "v1.Size": { type: "integer", format: "int32", "x-kubernetes-list-type": "atomic" },
      "v1.ThingList": {
        properties: { metadata: { $ref: "#/definitions/ListMeta" } },
        "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "ThingList" }],
      },
    },
  });
  expect(text.split("\n")).toEqual([
    "{",
    '  "source": "k8s.io/kubernetes v1.99.1, api/openapi-spec/swagger.json",',
    '  "kinds": {',
    '    "example.com/v1 Thing": "v1.Thing"',
    "  },",
    '  "definitions": {',
    `    "${meta}": {"type":"object","properties":{"name":{"type":"string"}}},`,
    '    "v1.Size": {"type":"integer","format":"int32"},',
    `    "v1.Thing": {"type":"object","required":["name","size"],"properties":{"metadata":{"$ref":"#/definitions/${meta}"},"size":{"$ref":"#/definitions/v1.Size"}}}`,
    "  }",
    "}",
    "",
  ]);
});
