import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  Parser,
} from "yaml";

import { decodeText, DEEPEST, type TextPlace, type TextProblem } from "./read-text";
import { MAX_ALIASES, checkAnchors } from "./yaml-anchors";

/** Most documents in a text. */
const MAX_DOCUMENTS = 20_000;
/** Most tokens in a text. Ten MiB of Kubernetes objects have 3.8 million. */
const MAX_TOKENS = 5_000_000;

/** One document of a YAML or JSON text. */
export interface YamlDocument {
  /** Plain data. */
  readonly value: unknown;
  /** Returns the position of the value at a path, or that of its nearest existing parent. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

export interface ReadText {
  /** The valid documents, without empty ones. */
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly TextProblem[];
}

type Range = NonNullable<Document["range"]>;

const fail = (message: string): ReadText => ({ documents: [], problems: [{ message }] });

/**
 * Parses YAML or JSON from an untrusted source. Size, nesting, number of documents and use of anchors are limited, and
 * duplicate keys are a problem. Problems of the text are returned, not thrown.
 */
export function readYaml(raw: Uint8Array): ReadText {
  const text = decodeText(raw);
  if (typeof text !== "string") return fail(text.message);
  const lines = new LineCounter();
  const composed = compose(text, lines);
  if (typeof composed === "string") return fail(composed);
  const places = new Places(text, lines);
  const read = composed.map((document) => readDocument(document, places));
  return {
    documents: read.flatMap(({ documents }) => documents),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/** Composes the documents of a text token by token, and stops at a limit before memory is exhausted. */
function compose(text: string, lines: LineCounter): Document[] | string {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ uniqueKeys: true, logLevel: "error" });
  const documents: Document[] = [];
  let tokens = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    tokens += 1;
    if (tokens > MAX_TOKENS) return `must have at most ${MAX_TOKENS} YAML tokens`;
    if (parser.stack.length > DEEPEST) {
      return `must be nested at most ${DEEPEST} levels deep, got more in line ${lines.linePos(parser.offset).line}`;
    }
    if (documents.length > MAX_DOCUMENTS) return `must have at most ${MAX_DOCUMENTS} documents`;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());
  return documents.length > MAX_DOCUMENTS ? `must have at most ${MAX_DOCUMENTS} documents` : documents;
}

/** Most problems that are reported for one document. */
const MAX_PROBLEMS = 20;

function readDocument(document: Document, places: Places): ReadText {
  const reject = (message: string, offset = document.contents?.range?.[0] ?? 0): ReadText => ({
    documents: [],
    problems: [{ message, ...places.at(offset) }],
  });
  const errors = [...document.errors, ...document.warnings.filter(({ code }) => code === "TAG_RESOLVE_FAILED")];
  if (errors.length > 0) {
    const problems = errors
      .slice(0, MAX_PROBLEMS)
      .map(({ pos, message }) => ({ message: trimMessage(message), ...places.at(pos[0]) }));
    return { documents: [], problems };
  }
  const anchors = checkAnchors(document);
  if (anchors) return reject(anchors);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    // A composed document always has a range.
    if (value === null || value === undefined || !document.range) return { documents: [], problems: [] };
    return { documents: [{ value, place: places.of(document.range) }], problems: [] };
  } catch (error) {
    return reject(`invalid YAML: ${(error as Error).message}`);
  }
}

/**
 * Finds positions in a text. The nodes of a document take a hundred times its size, so they are released after the document
 * is read, and parsed again when a position is requested.
 */
class Places {
  private last: { readonly range: Range; readonly document: Document } | undefined;

  constructor(
    private readonly text: string,
    private readonly lines: LineCounter,
  ) {}

  at(offset: number): TextPlace {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  of(range: Range): YamlDocument["place"] {
    return (steps) => this.at(range[0] + findOffset(this.document(range), steps));
  }

  private document(range: Range): Document {
    if (this.last?.range !== range) {
      const text = this.text.slice(range[0], range[2]);
      this.last = { range, document: parseDocument(text, { logLevel: "error" }) };
    }
    return this.last.document;
  }
}

/** Removes the position and the excerpt from a message of the parser. */
const trimMessage = (message: string): string => message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");

/** Returns the offset of the value at a path, or that of its nearest existing parent. A field starts with its name. */
function findOffset(document: Document, steps: readonly PropertyKey[]): number {
  let node = document.contents as Node | null | undefined;
  let offset = node?.range?.[0] ?? 0;
  for (const step of steps) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap<Node, Node>(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq<Node>(node)) {
      const item = node.items[Number(step)];
      if (!item) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}
