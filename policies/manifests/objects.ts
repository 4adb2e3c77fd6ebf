import { basename } from "node:path";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { pathText, shown } from "../../fleet/problem";
import { readYaml, type TextPlace, type TextProblem, type YamlDocument } from "../../fleet/read-yaml";
import type { ManifestProblem } from "./problem";

/** One object, and where it is written. */
export interface Manifest {
  readonly object: KubeObject;
  readonly file: string;
  /** Where what lies at a path inside the object is written. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

/** Objects that were read, and what could not be. */
export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
}

/** Lists inside lists: kubectl makes one level. */
const DEEPEST_LIST = 5;

/** Every object of a text: each document, and each item of a list. Never throws for what is in the text. */
export function readObjects(file: string, raw: Uint8Array): Manifests {
  const { documents, problems } = readYaml(raw, "kubernetes");
  const read = documents.map((document) => unpack(file, document, document.value, []));
  return {
    manifests: read.flatMap(({ manifests }) => manifests),
    problems: [
      ...explained(problems, raw).map((problem) => ({ file, ...problem })),
      ...read.flatMap((each) => each.problems),
    ],
  };
}

/** A template's braces are YAML that nobody meant: what the parser makes of each of them helps nobody. */
function explained(problems: readonly TextProblem[], raw: Uint8Array): readonly TextProblem[] {
  const [first] = problems;
  if (!first || !Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).includes("{{")) return problems;
  const message = 'holds "{{": a template is checked as what it renders to: `helm template DIR | skerry policy -`';
  return [{ ...first, message }];
}

type Fields = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unpack(file: string, document: YamlDocument, value: unknown, steps: readonly PropertyKey[]): Manifests {
  const refused = (message: string, ...further: PropertyKey[]): Manifests => ({
    manifests: [],
    problems: [{ file, ...document.place([...steps, ...further]), message }],
  });
  if (!isMapping(value)) return refused(`got ${shown(value)}, wanted is an object with apiVersion, kind and metadata`);
  const { kind, apiVersion, items } = value;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    if (steps.length >= DEEPEST_LIST * 2) return refused(`lists lie more than ${DEEPEST_LIST} deep in each other`);
    const each = items.map((item: unknown, index) =>
      unpack(file, document, typed(item, value), [...steps, "items", index]),
    );
    return {
      manifests: each.flatMap(({ manifests }) => manifests),
      problems: each.flatMap(({ problems }) => problems),
    };
  }
  const problems = identityProblems(value);
  if (problems.length > 0) {
    const foreign = notManifests(file, value);
    if (foreign) return refused(foreign);
    return {
      manifests: [],
      problems: problems.map(({ path, message }) => ({
        file,
        ...document.place([...steps, ...path]),
        message: `${nameOf(value)}${pathText(path)}: ${message}`,
      })),
    };
  }
  if (kind === "Kustomization" && String(apiVersion).startsWith("kustomize.config.k8s.io/")) return refused(KUSTOMIZE);
  return {
    manifests: [{ object: value as KubeObject, file, place: (further) => document.place([...steps, ...further]) }],
    problems: [],
  };
}

/** Items of a `DeploymentList` need not say what they are. */
function typed(item: unknown, { kind, apiVersion }: Fields): unknown {
  if (!isMapping(item) || kind === "List" || item.kind !== undefined) return item;
  return { apiVersion, kind: String(kind).slice(0, -"List".length), ...item };
}

const nameOf = ({ kind, metadata }: Fields): string => {
  const name = isMapping(metadata) && typeof metadata.name === "string" ? ` ${metadata.name}` : "";
  return typeof kind === "string" ? `${kind}${name}: ` : "";
};

/** What keeps a mapping from being an object that can be named. What else may be wrong with it is for the rules. */
function identityProblems(value: Fields): { readonly path: readonly string[]; readonly message: string }[] {
  const text = (at: unknown, ...path: string[]) => {
    if (typeof at === "string" && at !== "") return [];
    const quote = typeof at === "number" || typeof at === "boolean" ? ": put it in quotes" : "";
    return [
      { path, message: at === undefined || at === null ? "missing" : `got ${shown(at)}, wanted is text${quote}` },
    ];
  };
  const { apiVersion, kind, metadata } = value;
  const named = [...text(apiVersion, "apiVersion"), ...text(kind, "kind")];
  if (!isMapping(metadata)) {
    const message = metadata === undefined ? "missing" : `got ${shown(metadata)}, wanted is a mapping`;
    return [...named, { path: ["metadata"], message }];
  }
  const { name, namespace, generateName } = metadata;
  const generated = name === undefined && generateName !== undefined;
  return [
    ...named,
    ...(generated
      ? [
          {
            path: ["metadata", "generateName"],
            message: "names nothing yet: give it metadata.name, as apply wants too",
          },
        ]
      : text(name, "metadata", "name")),
    ...(namespace === undefined ? [] : text(namespace, "metadata", "namespace")),
  ];
}

export const KUSTOMIZE =
  "is a kustomization, which is checked as what it renders to: `kubectl kustomize DIR | skerry policy -`";
export const HELM = "is a Helm chart, which is checked as what it renders to: `helm template DIR | skerry policy -`";

/** What people name by mistake, and what they mean. */
function notManifests(file: string, value: Fields): string | undefined {
  if (Array.isArray(value.clusters) && Array.isArray(value.regions)) {
    return "is a fleet: name it with --fleet";
  }
  const name = basename(file).toLowerCase();
  if (/^kustomization\.ya?ml$/.test(name)) return KUSTOMIZE;
  if (/^chart\.ya?ml$/.test(name)) return HELM;
  return undefined;
}
