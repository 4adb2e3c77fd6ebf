import { type Event, EVENT_ID } from "js-yaml";

import { keyText } from "../../fleet/kubernetes/scalars";
import { eventsOf, scalarOf, startOf, YamlError } from "../../fleet/kubernetes/yaml";

/** A node of a document. */
interface Node {
  /** Offset of the node. */
  readonly start: number;
  readonly fields?: ReadonlyMap<string, Field>;
  readonly items?: readonly Node[];
  /** Name of the anchor that the node refers to. */
  readonly alias?: string;
}

interface Field {
  /** Offset of the field's name. */
  readonly start: number;
  readonly value: Node;
}

/** Locates values in a document. */
export class DocumentPlaces {
  private readonly anchors = new Map<string, Node>();
  private readonly root: Node | undefined;
  private next = 1;

  /** @param text valid YAML */
  constructor(private readonly text: string) {
    const events = eventsOf(text);
    this.root = events.length > 2 ? this.node(events) : undefined;
  }

  /** Returns the offset of the value at a path, or of its nearest existing parent. A field starts at its name. */
  offset(steps: readonly PropertyKey[]): number {
    let node = this.root;
    let offset = Math.max(node?.start ?? 0, 0);
    for (const step of steps) {
      if (node?.alias !== undefined) node = this.anchors.get(node.alias);
      const field = node?.fields?.get(String(step));
      const item = node?.items?.[Number(step)];
      const start = field?.start ?? item?.start;
      if (start === undefined) break;
      if (start !== -1) offset = start;
      node = field?.value ?? item;
    }
    return offset;
  }

  private node(events: readonly Event[]): Node {
    const event = events[this.next]!;
    this.next += 1;
    const start = startOf(event);
    if (event.type === EVENT_ID.ALIAS) return { start, alias: this.text.slice(event.anchorStart, event.anchorEnd) };
    const node =
      event.type === EVENT_ID.MAPPING
        ? { start, fields: this.fields(events) }
        : event.type === EVENT_ID.SEQUENCE
          ? { start, items: this.items(events) }
          : { start };
    if ("anchorStart" in event && event.anchorStart !== -1) {
      this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), node);
    }
    return node;
  }

  private items(events: readonly Event[]): Node[] {
    const items: Node[] = [];
    while (events[this.next]!.type !== EVENT_ID.POP) items.push(this.node(events));
    this.next += 1;
    return items;
  }

  /** Reads the fields of a mapping. The last of duplicate fields counts. */
  private fields(events: readonly Event[]): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>();
    while (events[this.next]!.type !== EVENT_ID.POP) {
      const key = events[this.next]!;
      const { start } = this.node(events);
      const value = this.node(events);
      const name = key.type === EVENT_ID.SCALAR ? keyText(scalarOf(this.text, key)) : undefined;
      if (name !== undefined) fields.set(name, { start, value });
    }
    this.next += 1;
    return fields;
  }
}

/** Returns the places of a document. In invalid YAML, every place is the start of the document. */
export function locateValues(text: string): Pick<DocumentPlaces, "offset"> {
  try {
    return new DocumentPlaces(text);
  } catch (error) {
    if (error instanceof YamlError) return { offset: () => 0 };
    throw error;
  }
}
