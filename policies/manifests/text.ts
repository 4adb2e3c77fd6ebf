import type { TextPlace, TextProblem } from "../../fleet/reading/read-text";
import type { DocumentText } from "./documents";
import { locateValues } from "./places";
import { readDocument, YamlError, type YamlValue } from "../../fleet/kubernetes/yaml";

/** A document, parsed as kubectl parses it. */
export interface ReadDocument {
  readonly text: string;
  /** Plain data. Null for an empty or unreadable document. */
  readonly value: unknown;
  /** Why the document cannot be parsed. */
  readonly failure?: TextProblem & TextPlace;
  /** Mistakes that kubectl silently accepts. */
  readonly problems: readonly (TextProblem & TextPlace)[];
  /** Returns the position of the value at a path, or of its nearest existing parent. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

/**
 * Locates values in documents. The places in a document take ten times its size in memory, so only those of the last
 * document are cached.
 */
export class PlaceFinder {
  private last: { readonly document: DocumentText; readonly places: ReturnType<typeof locateValues> } | undefined;

  offset(document: DocumentText, steps: readonly PropertyKey[]): number {
    if (this.last?.document !== document) this.last = { document, places: locateValues(document.text) };
    return this.last.places.offset(steps);
  }
}

/** The text of a file. Translates offsets into lines and columns. */
export class ManifestText {
  private starts: number[] | undefined;

  constructor(
    private readonly text: string,
    private readonly finder: PlaceFinder,
  ) {}

  read(document: DocumentText): ReadDocument {
    const { text, offset } = document;
    const at = (inside: number): TextPlace => this.at(offset + inside);
    const place = (steps: readonly PropertyKey[]): TextPlace => at(this.finder.offset(document, steps));
    const fail = (message: string, inside: number): ReadDocument => ({
      text,
      value: null,
      failure: { message, ...at(inside) },
      problems: [],
      place,
    });
    if (document.problem !== undefined) return fail(document.problem, 0);
    try {
      const { value, problems } = parseDocument(document);
      return { text, value, problems: problems.map(({ message, offset: from }) => ({ message, ...at(from) })), place };
    } catch (error) {
      if (error instanceof YamlError) return fail(error.message, error.offset);
      throw error;
    }
  }

  private at(offset: number): TextPlace {
    this.starts ??= findLineStarts(this.text);
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.starts[low]! + 1 };
  }
}

function parseDocument({ text, json }: DocumentText): YamlValue {
  if (json === undefined) return readDocument(text);
  try {
    // JSON is YAML, and the YAML parser also reports duplicate keys.
    return { value: json, problems: readDocument(text).problems };
  } catch {
    return { value: json, problems: [] };
  }
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf("\n"); index !== -1; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return starts;
}
