import { type Event, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from "js-yaml";

import { DEEPEST } from "../reading/read-text";
import { keyText, scalarValue } from "./scalars";

/** The most aliases in a document. */
const MOST_ALIASES = 1000;
/** The most values in a document with its aliases expanded. */
const MOST_VALUES = 1_000_000;
/** The most tokens in a document. Each takes a hundred bytes of memory; 1 MiB of Kubernetes objects has 200,000. */
const MOST_PIECES = 2_500_000;

/** The most problems that are reported for one document. */
const MOST_PROBLEMS = 20;

/** A problem of a document, with its offset in the text. */
export interface YamlProblem {
  readonly message: string;
  readonly offset: number;
}

export interface YamlValue {
  /** Plain JSON data. Aliases of an anchor share one value. */
  readonly value: unknown;
  /** Problems that kubectl ignores silently, such as duplicate fields. */
  readonly problems: readonly YamlProblem[];
}

/** An error for a document that kubectl cannot read. */
export class YamlError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/**
 * Reads one YAML document as kubectl does: the last of duplicate fields wins, and a merge key (`<<`) overwrites the fields
 * above it.
 *
 * @throws YamlError if the document cannot be read, or would take too much time or memory
 */
export function readDocument(text: string): YamlValue {
  return new Reading(text, eventsOf(text)).document();
}

interface ParserError {
  readonly reason?: string;
  readonly message: string;
  readonly mark?: { readonly position?: number };
}

/**
 * Parses a document into events.
 *
 * @throws YamlError if the document is not valid YAML, or too large
 */
export function eventsOf(text: string): readonly Event[] {
  let pieces = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // A line, a comma, a colon.
    if (code === 0x0a || code === 0x2c || code === 0x3a) pieces += 1;
  }
  if (pieces > MOST_PIECES) throw new YamlError(`holds more than ${MOST_PIECES} pieces of YAML`, 0);
  try {
    return parseEvents(text, { maxDepth: DEEPEST });
  } catch (error) {
    const { reason, message, mark } = error as ParserError;
    const offset = Math.min(mark?.position ?? 0, text.length);
    if (/nesting exceeded/i.test(message)) {
      throw new YamlError(`is nested more than ${DEEPEST} levels deep`, offset);
    }
    throw new YamlError(`is not valid YAML: ${reason ?? message.split("\n")[0]}`, offset);
  }
}

/** The value of an anchor, and the number of values in it. It is open until it has been read. */
interface Anchored {
  readonly value?: unknown;
  readonly size: number;
  readonly open: boolean;
}

type Mapping = Record<string, unknown>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets a field, even if its name is `__proto__`. */
function set(mapping: Mapping, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(mapping, key, { value, enumerable: true, configurable: true, writable: true });
  } else mapping[key] = value;
}

class Reading {
  private next = 0;
  private size = 0;
  private aliases = 0;
  private readonly anchors = new Map<string, Anchored>();
  private readonly problems: YamlProblem[] = [];

  constructor(
    private readonly text: string,
    private readonly events: readonly Event[],
  ) {}

  document(): YamlValue {
    // An empty text has no events.
    if (this.events.length === 0) return { value: null, problems: [] };
    this.next = 1;
    const value = this.events[1]!.type === EVENT_ID.POP ? null : this.node();
    const rest = this.events[this.next + 1];
    if (rest) {
      const offset = Math.max(startOf(this.events[this.next + 2]), 0);
      this.problems.push({
        message: "is ignored by kubectl: a further document begins with ---, not after ...",
        offset,
      });
    }
    return { value, problems: this.problems };
  }

  private node(): unknown {
    const event = this.events[this.next]!;
    this.next += 1;
    if (event.type === EVENT_ID.ALIAS) return this.alias(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) throw new YamlError("is not valid YAML", 0);
    const before = this.size;
    this.size += 1;
    const anchor = event.anchorStart === -1 ? undefined : this.text.slice(event.anchorStart, event.anchorEnd);
    if (anchor !== undefined) this.anchors.set(anchor, { size: 0, open: true });
    const value =
      event.type === EVENT_ID.SCALAR
        ? scalarOf(this.text, event)
        : event.type === EVENT_ID.SEQUENCE
          ? this.sequence()
          : this.mapping();
    if (anchor !== undefined) this.anchors.set(anchor, { value, size: this.size - before, open: false });
    return value;
  }

  private alias(start: number, end: number): unknown {
    const name = this.text.slice(start, end);
    const named = this.anchors.get(name);
    if (!named) throw new YamlError(`uses an anchor that is not set above it: ${name}`, start - 1);
    if (named.open) throw new YamlError("uses an anchor inside what it names, which never ends", start - 1);
    this.aliases += 1;
    if (this.aliases > MOST_ALIASES) {
      throw new YamlError(`uses anchors more than ${MOST_ALIASES} times`, start - 1);
    }
    this.grow(named.size, start - 1);
    return named.value;
  }

  private grow(by: number, offset: number): void {
    this.size += by;
    if (this.aliases > 0 && this.size > MOST_VALUES) {
      const message = `is far larger than it looks: its anchors stand for more than ${MOST_VALUES} values`;
      throw new YamlError(message, offset);
    }
  }

  private sequence(): unknown[] {
    const items: unknown[] = [];
    while (this.events[this.next]!.type !== EVENT_ID.POP) items.push(this.node());
    this.next += 1;
    return items;
  }

  private mapping(): Mapping {
    const mapping: Mapping = {};
    const own = new Set<string>();
    while (this.events[this.next]!.type !== EVENT_ID.POP) {
      const at = this.next;
      if (this.isMerge(at)) {
        this.next += 1;
        this.merge(mapping);
        continue;
      }
      const read = this.node();
      const key = keyText(read);
      if (key === undefined) {
        const what = read === null ? "null" : Array.isArray(read) ? "a list" : "a mapping";
        throw new YamlError(`field name must be a string, got ${what}`, startOf(this.events[at]));
      }
      if (own.has(key)) {
        const message = `duplicate field ${JSON.stringify(key.slice(0, 80))}: the last value is used`;
        if (this.problems.length < MOST_PROBLEMS) this.problems.push({ message, offset: startOf(this.events[at]) });
      }
      own.add(key);
      set(mapping, key, this.node());
    }
    this.next += 1;
    return mapping;
  }

  private isMerge(index: number): boolean {
    const event = this.events[index]!;
    if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return false;
    if (event.valueEnd - event.valueStart !== 2 || !this.text.startsWith("<<", event.valueStart)) return false;
    return event.tagStart === -1 || this.text.slice(event.tagStart, event.tagEnd) === "!!merge";
  }

  private merge(into: Mapping): void {
    const at = this.next;
    const value = this.node();
    // The first of several mappings takes precedence.
    const merged = Array.isArray(value) ? [...(value as unknown[])].reverse() : [value];
    for (const each of merged) {
      if (!isMapping(each)) throw new YamlError("merge key << must refer to a mapping", startOf(this.events[at]));
      const entries = Object.entries(each);
      this.grow(entries.length, startOf(this.events[at]));
      for (const [key, field] of entries) set(into, key, field);
    }
  }
}

/** Returns the offset of an event's text, including its quote; -1 for an empty value. */
export function startOf(event: Event | undefined): number {
  switch (event?.type) {
    case EVENT_ID.SCALAR: {
      if (event.valueStart === -1) return -1;
      const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      return quoted ? event.valueStart - 1 : event.valueStart;
    }
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    default:
      return -1;
  }
}

/**
 * Returns the value of a scalar.
 *
 * @throws YamlError if it does not match its tag, or has no JSON equivalent
 */
export function scalarOf(text: string, event: ScalarEvent): unknown {
  const source = getScalarValue(text, event);
  const tag = event.tagStart === -1 ? "" : text.slice(event.tagStart, event.tagEnd);
  const offset = Math.max(event.valueStart, 0);
  if (tag !== "") return readTagged(tag, source, offset);
  const value = event.style === SCALAR_STYLE.PLAIN ? scalarValue(source) : source;
  if (typeof value === "number" && !Number.isFinite(value))
    throw new YamlError(`${source} has no JSON equivalent`, offset);
  return value;
}

/** Returns the value of a scalar with a tag, such as `!!str 5`. kubectl ignores unknown tags. */
function readTagged(tag: string, source: string, offset: number): unknown {
  const value = scalarValue(source);
  const fail = (): never => {
    throw new YamlError(`cannot be read as ${tag}`, offset);
  };
  switch (tag) {
    case "!!int":
    case "!!float":
      if (typeof value !== "number" || !Number.isFinite(value)) return fail();
      return tag === "!!float" || Number.isInteger(value) ? value : fail();
    case "!!bool":
      return typeof value === "boolean" ? value : fail();
    case "!!null":
      return value === null ? null : fail();
    case "!!binary":
      return Buffer.from(source, "base64").toString();
    default:
      return source;
  }
}
