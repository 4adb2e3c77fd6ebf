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

import { decodedText, DEEPEST, type TextPlace, type TextProblem } from "./read-text";
import { MOST_ALIASES, anchorProblem } from "./yaml-anchors";

/** Most documents in a text. */
const MOST_DOCUMENTS = 20_000;
/** Most tokens in a text. Ten MiB of Kubernetes objects have 3.8 million; each takes time and memory. */
const MOST_TOKENS = 5_000_000;

/** One document of a YAML or JSON text. */
export interface YamlDocument {
  /** Plain data. */
  readonly value: unknown;
  /** Where what lies at a path is written; of what is not there, the nearest that it would be in. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

export interface ReadText {
  /** Those that can be read; empty ones are left out. */
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly TextProblem[];
}

type Range = NonNullable<Document["range"]>;

const whole = (message: string): ReadText => ({ documents: [], problems: [{ message }] });

/**
 * Reads YAML or JSON that may be hostile: its size, nesting, documents and anchors are bounded, doubled keys are refused.
 * Never throws for what is in the text.
 */
export function readYaml(raw: Uint8Array): ReadText {
  const text = decodedText(raw);
  if (typeof text !== "string") return whole(text.message);
  const lines = new LineCounter();
  const composed = compose(text, lines);
  if (typeof composed === "string") return whole(composed);
  const places = new Places(text, lines);
  const read = composed.map((document) => readDocument(document, places));
  return {
    documents: read.flatMap(({ documents }) => documents),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/** The documents of a text, token by token, so that one that would exhaust the memory is left in time. */
function compose(text: string, lines: LineCounter): Document[] | string {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ uniqueKeys: true, logLevel: "error" });
  const documents: Document[] = [];
  let tokens = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    tokens += 1;
    if (tokens > MOST_TOKENS) return `must have at most ${MOST_TOKENS} YAML tokens`;
    if (parser.stack.length > DEEPEST) {
      return `must be nested at most ${DEEPEST} levels deep, got more in line ${lines.linePos(parser.offset).line}`;
    }
    if (documents.length > MOST_DOCUMENTS) return `must have at most ${MOST_DOCUMENTS} documents`;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());
  return documents.length > MOST_DOCUMENTS ? `must have at most ${MOST_DOCUMENTS} documents` : documents;
}

/** Most problems that are reported for one document. */
const MOST_PROBLEMS = 20;

function readDocument(document: Document, places: Places): ReadText {
  const refused = (message: string, offset = document.contents?.range?.[0] ?? 0): ReadText => ({
    documents: [],
    problems: [{ message, ...places.at(offset) }],
  });
  const wrong = [...document.errors, ...document.warnings.filter(({ code }) => code === "TAG_RESOLVE_FAILED")];
  if (wrong.length > 0) {
    const problems = wrong
      .slice(0, MOST_PROBLEMS)
      .map(({ pos, message }) => ({ message: bare(message), ...places.at(pos[0]) }));
    return { documents: [], problems };
  }
  const anchors = anchorProblem(document);
  if (anchors) return refused(anchors);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    // What was composed has a range.
    if (value === null || value === undefined || !document.range) return { documents: [], problems: [] };
    return { documents: [{ value, place: places.of(document.range) }], problems: [] };
  } catch (error) {
    return refused(`invalid YAML: ${(error as Error).message}`);
  }
}

/**
 * Finds lines in a text. A document's nodes take a hundred times its size: they are let go once its value is known, and
 * read again where a place in it is asked for.
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
    return (steps) => this.at(range[0] + offsetOf(this.document(range), steps));
  }

  private document(range: Range): Document {
    if (this.last?.range !== range) {
      const text = this.text.slice(range[0], range[2]);
      this.last = { range, document: parseDocument(text, { logLevel: "error" }) };
    }
    return this.last.document;
  }
}

/** What the parser says, without the place, which is told apart, and without a drawing of the line. */
const bare = (message: string): string => message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");

/** Where the value at a path begins, or the nearest that it would be in; a field begins with its name. */
function offsetOf(document: Document, steps: readonly PropertyKey[]): number {
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
