import { stringify } from "yaml";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** A text that a chart is rendered with in place of a value, and Helm's expression for the value. */
export interface Placeholder {
  /** Lower case letters, digits and -, so that it may be part of names. It must not be part of another one. */
  readonly text: string;
  /** Expression without braces: `.Values.image`. */
  readonly expression: string;
}

/** A list item that stands for all items of a list. */
export interface ListPlaceholder {
  /** A text in the item, and nowhere else. */
  readonly text: string;
  /** Expression of the list. */
  readonly expression: string;
}

/**
 * Converts the objects of a chart to a template of Helm.
 *
 * @throws Error if an object contains braces of a template, or a placeholder is not in the objects
 */
export function toTemplate(
  objects: readonly KubeObject[],
  placeholders: readonly Placeholder[],
  lists: readonly ListPlaceholder[] = [],
): string {
  const text = objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n");
  if (text.includes("{{")) throw new Error("the objects must not contain {{, which begins an expression of Helm");
  const withLists = lists.reduce(replaceItem, text);
  return placeholders.reduce(replaceText, withLists);
}

/** Replaces the lines of a list's item. */
function replaceItem(template: string, { text, expression }: ListPlaceholder): string {
  const lines = template.split("\n");
  const at = lines.findIndex((line) => line.includes(text));
  let start = at;
  while (start >= 0 && !/^\s*- /.test(lines[start]!)) start--;
  if (at < 0 || start < 0) throw new Error(`no list item contains ${text}`);
  const indent = lines[start]!.indexOf("-");
  const next = lines.findIndex((line, index) => index > start && line.search(/\S/) <= indent);
  const block = [`{{- with ${expression} }}`, `{{ toYaml . | indent ${indent} }}`, "{{- end }}"];
  const replaced = [...lines.slice(0, start), ...block, ...lines.slice(next)].join("\n");
  return replaced.includes(text) ? replaceItem(replaced, { text, expression }) : replaced;
}

/** Replaces a text. Where it is a whole value, the result is quoted. */
function replaceText(template: string, { text, expression }: Placeholder): string {
  if (!template.includes(text)) throw new Error(`no object contains ${text}`);
  return template
    .replaceAll(new RegExp(`(: |- )${text}$`, "gm"), (_, before: string) => `${before}{{ ${expression} | quote }}`)
    .replaceAll(text, `{{ ${expression} }}`);
}
