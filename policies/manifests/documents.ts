import { DEEPEST } from "../../fleet/reading/read-text";

/** Most documents in a text. */
const MOST_DOCUMENTS = 20_000;

/** A part of a text that kubectl reads by itself. */
export interface DocumentText {
  readonly text: string;
  /** Where it begins in the whole. */
  readonly offset: number;
  /** Its value, where it is JSON. */
  readonly json?: unknown;
  /** Why it is not read. */
  readonly problem?: string;
}

/**
 * The documents of a text as kubectl's decoder finds them (k8s.io/apimachinery/pkg/util/yaml): JSON objects one after the
 * other, else YAML documents between lines that begin with `---`. Undefined when there are too many.
 */
export function documentsIn(text: string): readonly DocumentText[] | undefined {
  const documents: DocumentText[] = [];
  const { end, broken } = jsonObjects(text, documents);
  if (broken !== undefined) documents.push(broken);
  else yamlDocuments(text, end, documents);
  return documents.length > MOST_DOCUMENTS ? undefined : documents;
}

const SPACE = /\s*/y;
function afterSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  return from + SPACE.exec(text)![0].length;
}

interface JsonObjects {
  /** Where YAML begins. */
  readonly end: number;
  /** After the second object a text is JSON for good, and what follows must be JSON too. */
  readonly broken?: DocumentText;
}

function jsonObjects(text: string, documents: DocumentText[]): JsonObjects {
  let end = 0;
  for (;;) {
    const start = afterSpace(text, end);
    if (start === text.length && documents.length > 0) return { end: start };
    const stop = text[start] === "{" ? endOfObject(text, start) : "is not a JSON object";
    const found = typeof stop === "number" ? parsed(text.slice(start, stop)) : stop;
    if (typeof found === "string") {
      if (documents.length > 1) return { end, broken: { text: text.slice(start), offset: start, problem: found } };
      // Further documents may be YAML, after the rest of the line.
      return { end: documents.length === 0 ? 0 : Math.min(start, lineAfter(text, end)) };
    }
    documents.push({ text: text.slice(start, stop as number), offset: start, json: found.value });
    if (documents.length > MOST_DOCUMENTS) return { end: text.length };
    end = stop as number;
  }
}

function lineAfter(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end + 1;
}

function parsed(text: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // The parser quotes what it read, which may be a secret.
    return "is not valid JSON";
  }
}

/** Where the object that begins here ends, or why it does not. */
function endOfObject(text: string, start: number): number | string {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      index = endOfText(text, index);
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return "is not valid JSON: it ends inside an object";
}

/** The quote that ends a text which begins at a quote. */
function endOfText(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5c) index += 1;
    else if (code === 0x22) return index;
  }
  return text.length;
}

function yamlDocuments(text: string, from: number, documents: DocumentText[]): void {
  let start = from;
  let problem: string | undefined;
  const add = (end: number): void => {
    if (end > start && documents.length <= MOST_DOCUMENTS) {
      documents.push({ text: text.slice(start, end), offset: start, ...(problem !== undefined && { problem }) });
    }
  };
  let line = from;
  while (line < text.length) {
    const next = lineAfter(text, line);
    if (text.startsWith("---", line)) {
      add(line);
      const rest = text.slice(line + 3, next).trim();
      problem =
        rest === "" || rest.startsWith("#") ? undefined : "has text after ---, which kubectl refuses: put it below";
      start = problem === undefined ? next : line;
    }
    line = next;
  }
  add(text.length);
}
