/** Largest text that is read, in bytes. A fleet with ten thousand pools has a tenth of that. */
export const LARGEST_TEXT = 10 * 2 ** 20;

/** Deepest nesting of a text. Each level is a recursive call of the parser. */
export const DEEPEST = 200;

/** A position in a text. Both numbers start at 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A problem of a text. The position is absent if it concerns the whole text. */
export interface TextProblem extends Partial<TextPlace> {
  readonly message: string;
}

/** Decodes UTF-8. Other encodings are a problem. */
export function decodeText(raw: Uint8Array): string | TextProblem {
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
