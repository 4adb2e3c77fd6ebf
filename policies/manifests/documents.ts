import { DEEPEST } from "../../fleet/reading/read-text";

/** Maximum number of documents in a file. */
export const MAX_DOCUMENTS = 20_000;

/** One document of a file, as text. */
export interface DocumentText {
  readonly text: string;
  /** Offset of the document in the file. */
  readonly offset: number;
  /** The value of a JSON document. */
  readonly json?: unknown;
  /** Why the document cannot be parsed. */
  readonly problem?: string;
}

/**
 * Splits a file into documents as kubectl's decoder does (k8s.io/apimachinery/pkg/util/yaml): concatenated JSON objects, or
 * YAML documents separated by lines that start with `---`. Returns undefined when there are more than
 * {@link MAX_DOCUMENTS}.
 */
export function splitDocuments(text: string): readonly DocumentText[] | undefined {
  const documents: DocumentText[] = [];
  const { end, invalid } = splitJson(text, documents);
  if (invalid !== undefined) documents.push(invalid);
  else splitYaml(text, end, documents);
  return documents.length > MAX_DOCUMENTS ? undefined : documents;
}

const SPACE = /\s*/y;
function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  return from + SPACE.exec(text)![0].length;
}

interface JsonSplit {
  /** Offset at which YAML documents may start. */
  readonly end: number;
  /** After the second JSON object, kubectl's decoder requires JSON: the text that is not. */
  readonly invalid?: DocumentText;
}

function splitJson(text: string, documents: DocumentText[]): JsonSplit {
  let end = 0;
  for (;;) {
    const start = skipSpace(text, end);
    if (start === text.length && documents.length > 0) return { end: start };
    const stop = text[start] === "{" ? findObjectEnd(text, start) : "is not a JSON object";
    const result = typeof stop === "number" ? parseJson(text.slice(start, stop)) : stop;
    if (typeof result === "string") {
      if (documents.length > 1) return { end, invalid: { text: text.slice(start), offset: start, problem: result } };
      // Further documents may be YAML, from the next line on.
      return { end: documents.length === 0 ? 0 : Math.min(start, nextLine(text, end)) };
    }
    documents.push({ text: text.slice(start, stop as number), offset: start, json: result.value });
    if (documents.length > MAX_DOCUMENTS) return { end: text.length };
    end = stop as number;
  }
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end + 1;
}

function parseJson(text: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // The parser's message quotes the text, which may be a secret.
    return "is not valid JSON";
  }
}

/** Returns the offset after the object that starts at `start`, or why there is none. */
function findObjectEnd(text: string, start: number): number | string {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      index = findStringEnd(text, index);
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return "is not valid JSON: unexpected end of input in an object";
}

/** Returns the offset of the closing quote of the string that starts at `start`. */
function findStringEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5c) index += 1;
    else if (code === 0x22) return index;
  }
  return text.length;
}

function splitYaml(text: string, from: number, documents: DocumentText[]): void {
  let start = from;
  let problem: string | undefined;
  const add = (end: number): void => {
    if (end > start && documents.length <= MAX_DOCUMENTS) {
      documents.push({ text: text.slice(start, end), offset: start, ...(problem !== undefined && { problem }) });
    }
  };
  let line = from;
  while (line < text.length) {
    const next = nextLine(text, line);
    if (text.startsWith("---", line)) {
      add(line);
      const rest = text.slice(line + 3, next).trim();
      problem =
        rest === "" || rest.startsWith("#")
          ? undefined
          : "has text after ---, which kubectl rejects: move it to the next line";
      start = problem === undefined ? next : line;
    }
    line = next;
  }
  add(text.length);
}
