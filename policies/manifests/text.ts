import type { TextPlace, TextProblem } from "../../fleet/reading/read-text";
import type { DocumentText } from "./documents";
import { placesIn } from "./places";
import { readDocument, YamlError, type YamlValue } from "../../fleet/kubernetes/yaml";

/** A document of a text, as kubectl reads it. */
export interface ReadDocument {
  readonly text: string;
  /** Plain data; null of an empty document. */
  readonly value: unknown;
  /** Why there is no value. */
  readonly failure?: TextProblem & TextPlace;
  /** What kubectl accepts in silence. */
  readonly problems: readonly (TextProblem & TextPlace)[];
  /** Where what lies at a path is written; of what is not there, the nearest that it would be in. */
  readonly place: (steps: readonly PropertyKey[]) => TextPlace;
}

/**
 * Finds places in documents. The places of one document take ten times its size: those of the last one that was asked for
 * are kept. Questions about one document that follow each other are answered from one reading of it.
 */
export class PlaceFinder {
  private last: { readonly document: DocumentText; readonly places: ReturnType<typeof placesIn> } | undefined;

  offset(document: DocumentText, steps: readonly PropertyKey[]): number {
    if (this.last?.document !== document) this.last = { document, places: placesIn(document.text) };
    return this.last.places.offset(steps);
  }
}

/** A whole text, with its lines. */
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
    const failed = (message: string, inside: number): ReadDocument => ({
      text,
      value: null,
      failure: { message, ...at(inside) },
      problems: [],
      place,
    });
    if (document.problem !== undefined) return failed(document.problem, 0);
    try {
      const { value, problems } = valueOf(document);
      return { text, value, problems: problems.map(({ message, offset: from }) => ({ message, ...at(from) })), place };
    } catch (error) {
      if (error instanceof YamlError) return failed(error.message, error.offset);
      throw error;
    }
  }

  private at(offset: number): TextPlace {
    this.starts ??= lineStarts(this.text);
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

function valueOf({ text, json }: DocumentText): YamlValue {
  if (json === undefined) return readDocument(text);
  try {
    // JSON is YAML, whose reader also tells of keys that are stated twice.
    return { value: json, problems: readDocument(text).problems };
  } catch {
    return { value: json, problems: [] };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf("\n"); index !== -1; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return starts;
}
