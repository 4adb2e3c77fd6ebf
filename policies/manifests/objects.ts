import { type KubeObject } from "../../fleet/kubernetes/object";
import { formatPath, formatValue } from "../../fleet/problem";
import { decodeText, type TextPlace, type TextProblem } from "../../fleet/reading/read-text";
import type { SkippedManifest } from "../engine/report";
import type { UnreadableManifest } from "../engine/subjects";
import { MAX_DOCUMENTS, splitDocuments } from "./documents";
import { describeForeignDocument, TEMPLATE } from "./foreign";
import { ManifestText, type PlaceFinder, type ReadDocument } from "./text";

/** An object with its source. */
export interface Manifest {
  readonly object: KubeObject;
  readonly file: string;
  /** Returns the position of the value at a path in the object. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

/** The result of reading files: objects, unreadable documents, and documents that are not objects. */
export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly UnreadableManifest[];
  readonly skipped: readonly SkippedManifest[];
}

/** Concatenates results. */
export function concatManifests(results: readonly Manifests[]): Manifests {
  return {
    manifests: results.flatMap(({ manifests }) => manifests),
    problems: results.flatMap(({ problems }) => problems),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

export const NO_MANIFESTS: Manifests = { manifests: [], problems: [], skipped: [] };

/** Maximum nesting of lists. kubectl itself writes one level. */
const MAX_LIST_DEPTH = 5;

/** Reads the objects in a file: each document, and each item of a list. Never throws because of the file's content. */
export function readObjects(file: string, raw: Uint8Array, places: PlaceFinder): Manifests {
  const text = decodeText(raw);
  if (typeof text !== "string") return unreadable(file, text, Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  const documents = splitDocuments(text);
  if (!documents)
    return { ...NO_MANIFESTS, problems: [{ file, message: `must have at most ${MAX_DOCUMENTS} documents` }] };
  const whole = new ManifestText(text, places);
  return concatManifests(documents.map((document) => readDocument(file, whole.read(document), text)));
}

function readDocument(file: string, document: ReadDocument, whole: string): Manifests {
  const problems = document.problems.map((problem) => ({ file, ...problem }));
  if (document.failure) {
    // The parser takes the braces of a template for flow mappings: its error would mislead.
    if (document.text.includes("{{")) {
      return { ...NO_MANIFESTS, skipped: [{ file, line: document.failure.line, what: TEMPLATE }] };
    }
    return unreadable(file, document.failure, whole);
  }
  if (document.value === null) return { ...NO_MANIFESTS, problems };
  return concatManifests([{ ...NO_MANIFESTS, problems }, readValue(file, document, document.value, [])]);
}

/** Reports unreadable text as a problem when it may be a manifest, and skips it otherwise. */
function unreadable(file: string, problem: TextProblem, text: { includes(part: string): boolean }): Manifests {
  if (text.includes("apiVersion")) return { ...NO_MANIFESTS, problems: [{ file, ...problem }] };
  const { line, message } = problem;
  const what = `unreadable, without apiVersion: ${message}`;
  return { ...NO_MANIFESTS, skipped: [{ file, ...(line !== undefined && { line }), what }] };
}

type Fields = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readValue(file: string, document: ReadDocument, value: unknown, steps: readonly PropertyKey[]): Manifests {
  const reject = (message: string): Manifests => ({
    ...NO_MANIFESTS,
    problems: [{ file, ...document.place(steps), message }],
  });
  const foreign = describeForeignDocument(file, value);
  if (foreign !== undefined && steps.length === 0) {
    return { ...NO_MANIFESTS, skipped: [{ file, line: document.place([]).line, what: foreign }] };
  }
  if (!isMapping(value)) {
    const list = Array.isArray(value) ? ": put objects into the items of a List, or separate them with ---" : "";
    return reject(`got ${formatValue(value)}, must be an object with apiVersion, kind and metadata${list}`);
  }
  const { kind, items } = value;
  if (typeof kind === "string" && kind.endsWith("List") && (Array.isArray(items) || (kind === "List" && !items))) {
    if (steps.length >= MAX_LIST_DEPTH * 2) return reject(`lists must be nested at most ${MAX_LIST_DEPTH} levels deep`);
    const each = Array.isArray(items) ? (items as unknown[]) : [];
    return concatManifests(
      each.map((item, index) => readValue(file, document, itemOf(item, value), [...steps, "items", index])),
    );
  }
  const problems = identityProblems(value);
  if (problems.length > 0) {
    return {
      ...NO_MANIFESTS,
      problems: problems.map(({ path, message }) => ({
        file,
        ...document.place([...steps, ...path]),
        message: `${titleOf(value)}${formatPath(path)}: ${message}`,
      })),
    };
  }
  const place: Manifest["place"] = (further) => document.place([...steps, ...further]);
  return { ...NO_MANIFESTS, manifests: [{ object: value as KubeObject, file, place }] };
}

/**
 * Returns a copy of a list's item, because a YAML anchor may refer to the same item twice. Items of a typed list, such as
 * `DeploymentList`, default to the list's apiVersion and kind.
 */
function itemOf(item: unknown, { kind, apiVersion }: Fields): unknown {
  if (!isMapping(item) || kind === "List" || (item.kind ?? null) !== null) return isMapping(item) ? { ...item } : item;
  return { apiVersion, kind: String(kind).slice(0, -"List".length), ...item };
}

const titleOf = ({ kind, metadata }: Fields): string => {
  const name = isMapping(metadata) && typeof metadata.name === "string" ? ` ${metadata.name}` : "";
  return typeof kind === "string" ? `${kind}${name}: ` : "";
};

/** Finds the problems of the fields that identify an object. Rules check all other fields. */
function identityProblems(value: Fields): { readonly path: readonly string[]; readonly message: string }[] {
  const checkText = (field: unknown, ...path: string[]) => {
    if (typeof field === "string" && field !== "") return [];
    const quote = typeof field === "number" || typeof field === "boolean" ? ": put it in quotes" : "";
    const isMissing = (field ?? "") === "";
    return [{ path, message: isMissing ? "missing" : `got ${formatValue(field)}, must be text${quote}` }];
  };
  const { apiVersion, kind, metadata } = value;
  const identity = [...checkText(apiVersion, "apiVersion"), ...checkText(kind, "kind")];
  if (!isMapping(metadata)) {
    const message = (metadata ?? null) === null ? "missing" : `got ${formatValue(metadata)}, must be a mapping`;
    return [...identity, { path: ["metadata"], message }];
  }
  const { name, generateName, namespace } = metadata;
  // The API server generates a name that is absent or empty.
  const isGenerated = (name ?? "") === "" && (generateName ?? "") !== "";
  return [
    ...identity,
    ...(isGenerated ? checkText(generateName, "metadata", "generateName") : checkText(name, "metadata", "name")),
    ...((namespace ?? "") === "" ? [] : checkText(namespace, "metadata", "namespace")),
  ];
}
