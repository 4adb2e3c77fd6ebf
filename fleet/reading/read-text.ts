/** Largest text that is read, in bytes: ten thousand pools of a fleet fit in a tenth of it. */
export const LARGEST_TEXT = 10 * 2 ** 20;

/** Deepest nesting of a text: each level is a call of a parser's, and nothing that people write comes near. */
export const DEEPEST = 200;

/** Where something stands in a text. Both count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a text; the place is absent where it is the whole of it. */
export interface TextProblem extends Partial<TextPlace> {
  readonly message: string;
}

/** JSON has no tag for text in another encoding, and neither has YAML: it is UTF-8, or it cannot be read. */
export function decodedText(raw: Uint8Array): string | TextProblem {
  if (raw.length > LARGEST_TEXT) return { message: `must be at most ${LARGEST_TEXT} bytes, got ${raw.length}` };
  if ((raw[0] === 0xff && raw[1] === 0xfe) || (raw[0] === 0xfe && raw[1] === 0xff)) {
    return { message: "must be UTF-8, got UTF-16" };
  }
  if (raw.includes(0)) return { message: "must be text, got a zero byte" };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return { message: "must be UTF-8" };
  }
}
