import { type KubeObject } from "../../fleet/kubernetes/object";
import { formatPath, formatValue } from "../../fleet/problem";
import { decodeText, type TextPlace, type TextProblem } from "../../fleet/reading/read-text";
import { documentsIn } from "./documents";
import { foreignDocument, TEMPLATE } from "./foreign";
import type { ManifestProblem, Skipped } from "./problem";
import { ManifestText, type PlaceFinder, type ReadDocument } from "./text";

/** One object, and where it is written. */
export interface Manifest {
  readonly object: KubeObject;
  readonly file: string;
  /** Where what lies at a path inside the object is written. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

/** Objects that were read, what could not be, and what is no object. */
export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
  readonly skipped: readonly Skipped[];
}

/** Several as one, in their order. */
export function together(each: readonly Manifests[]): Manifests {
  return {
    manifests: each.flatMap(({ manifests }) => manifests),
    problems: each.flatMap(({ problems }) => problems),
    skipped: each.flatMap(({ skipped }) => skipped),
  };
}

export const NOTHING: Manifests = { manifests: [], problems: [], skipped: [] };

/** Lists inside lists: kubectl makes one level. */
const DEEPEST_LIST = 5;

/** Every object of a text: each document, and each item of a list. Never throws for what is in the text. */
export function readObjects(file: string, raw: Uint8Array, places: PlaceFinder): Manifests {
  const text = decodeText(raw);
  if (typeof text !== "string") return unreadable(file, text, Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  const documents = documentsIn(text);
  if (!documents) return { ...NOTHING, problems: [{ file, message: "holds more than 20000 documents" }] };
  const whole = new ManifestText(text, places);
  return together(documents.map((part) => readPart(file, whole.read(part), text)));
}

function readPart(file: string, document: ReadDocument, whole: string): Manifests {
  const problems = document.problems.map((problem) => ({ file, ...problem }));
  if (document.failure) {
    // A template's braces are YAML flow mappings by accident: the parser's error would mislead.
    if (document.text.includes("{{")) {
      return { ...NOTHING, skipped: [{ file, line: document.failure.line, what: TEMPLATE }] };
    }
    return unreadable(file, document.failure, whole);
  }
  if (document.value === null) return { ...NOTHING, problems };
  return together([{ ...NOTHING, problems }, unpack(file, document, document.value, [])]);
}

/** A text that cannot be read matters where it may be a manifest. */
function unreadable(file: string, problem: TextProblem, text: { includes(part: string): boolean }): Manifests {
  if (text.includes("apiVersion")) return { ...NOTHING, problems: [{ file, ...problem }] };
  const { line, message } = problem;
  const what = `not readable, and without apiVersion: ${message}`;
  return { ...NOTHING, skipped: [{ file, ...(line !== undefined && { line }), what }] };
}

type Fields = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unpack(file: string, document: ReadDocument, value: unknown, steps: readonly PropertyKey[]): Manifests {
  const refused = (message: string): Manifests => ({
    ...NOTHING,
    problems: [{ file, ...document.place(steps), message }],
  });
  const foreign = foreignDocument(file, value);
  if (foreign !== undefined && steps.length === 0) {
    return { ...NOTHING, skipped: [{ file, line: document.place([]).line, what: foreign }] };
  }
  if (!isMapping(value)) {
    const list = Array.isArray(value) ? ": put objects below items of a List, or between lines of ---" : "";
    return refused(`got ${formatValue(value)}, wanted is an object with apiVersion, kind and metadata${list}`);
  }
  const { kind, items } = value;
  if (typeof kind === "string" && kind.endsWith("List") && (Array.isArray(items) || (kind === "List" && !items))) {
    if (steps.length >= DEEPEST_LIST * 2) return refused(`lists lie more than ${DEEPEST_LIST} deep in each other`);
    const each = Array.isArray(items) ? (items as unknown[]) : [];
    return together(each.map((item, index) => unpack(file, document, itemOf(item, value), [...steps, "items", index])));
  }
  const problems = identityProblems(value);
  if (problems.length > 0) {
    return {
      ...NOTHING,
      problems: problems.map(({ path, message }) => ({
        file,
        ...document.place([...steps, ...path]),
        message: `${titleOf(value)}${formatPath(path)}: ${message}`,
      })),
    };
  }
  const place: Manifest["place"] = (further) => document.place([...steps, ...further]);
  return { ...NOTHING, manifests: [{ object: value as KubeObject, file, place }] };
}

/** An item of a list, an object of its own even where an anchor names it twice. Those of a `DeploymentList` need not say what they are. */
function itemOf(item: unknown, { kind, apiVersion }: Fields): unknown {
  if (!isMapping(item) || kind === "List" || (item.kind ?? null) !== null) return isMapping(item) ? { ...item } : item;
  return { apiVersion, kind: String(kind).slice(0, -"List".length), ...item };
}

const titleOf = ({ kind, metadata }: Fields): string => {
  const name = isMapping(metadata) && typeof metadata.name === "string" ? ` ${metadata.name}` : "";
  return typeof kind === "string" ? `${kind}${name}: ` : "";
};

/** What keeps a mapping from being an object that can be named. What else may be wrong with it is for the rules. */
function identityProblems(value: Fields): { readonly path: readonly string[]; readonly message: string }[] {
  const text = (at: unknown, ...path: string[]) => {
    if (typeof at === "string" && at !== "") return [];
    const quote = typeof at === "number" || typeof at === "boolean" ? ": put it in quotes" : "";
    const missing = (at ?? "") === "";
    return [{ path, message: missing ? "missing" : `got ${formatValue(at)}, wanted is text${quote}` }];
  };
  const { apiVersion, kind, metadata } = value;
  const identity = [...text(apiVersion, "apiVersion"), ...text(kind, "kind")];
  if (!isMapping(metadata)) {
    const message = (metadata ?? null) === null ? "missing" : `got ${formatValue(metadata)}, wanted is a mapping`;
    return [...identity, { path: ["metadata"], message }];
  }
  const { name, generateName, namespace } = metadata;
  // The API server completes a name that is absent or empty.
  const generated = (name ?? "") === "" && (generateName ?? "") !== "";
  return [
    ...identity,
    ...(generated ? text(generateName, "metadata", "generateName") : text(name, "metadata", "name")),
    ...((namespace ?? "") === "" ? [] : text(namespace, "metadata", "namespace")),
  ];
}
