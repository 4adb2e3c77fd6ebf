import type { V1Container } from "@kubernetes/client-node";

import { formatPath } from "../../fleet/problem";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { quoted } from "../admission/cel";
import { CONFIG_MAPS, POD_RESOURCES } from "../admission/resources";
import { handlerFields, handlersOf } from "../kubernetes/handlers";
import { type At, containersOf } from "../kubernetes/pods";
import type { ObjectRule, Violation } from "../engine/rule";
import { LINE_END, SECRET_FLAGS, SECRET_FORMS, SECRET_NAMES, type SecretForm } from "../kubernetes/secret-forms";

const forms = SECRET_FORMS.map((form) => ({ ...form, regex: new RegExp(form.expression ?? "") }));
const names = SECRET_NAMES.map(({ name, except, noSecret }) => ({
  name: new RegExp(name),
  except: except === undefined ? undefined : new RegExp(except),
  noSecret: new RegExp(noSecret),
}));
const flags = SECRET_FLAGS.map(({ flag, noSecret }) => ({
  flag: new RegExp(flag, "g"),
  noSecret: new RegExp(noSecret),
}));

/** A text of an object, and where it lies. */
interface Text {
  readonly text: string;
  readonly path: string;
  /** The name that it has: of a variable, a key or a header. */
  readonly name?: string;
}

/** What is no text is malformed, and read as the text that YAML had. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

function configMapTexts({ data, binaryData }: KubeObject): Text[] {
  const texts = (field: string, entries: unknown): Text[] =>
    Object.entries((entries ?? {}) as Record<string, unknown>).map(([name, text]) => ({
      name,
      text: textOf(text),
      path: formatPath([field, name]),
    }));
  return [...texts("data", data), ...texts("binaryData", binaryData)];
}

/** The command lines of a container, each as the texts that it consists of. */
function commandLines(container: At<V1Container>): Text[][] {
  const texts = (list: readonly string[] | null | undefined, path: At<unknown>["path"]): Text[] =>
    (list ?? []).map((text, index) => ({ text: textOf(text), path: path(index) }));
  const { value, path } = container;
  return [
    (["command", "args"] as const).flatMap((field) => texts(value[field], (...steps) => path(field, ...steps))),
    ...handlersOf(container).map((handler) =>
      texts(handler.value.exec?.command, (...steps) => handler.path("exec", "command", ...steps)),
    ),
  ];
}

/** Variables and headers of a container. */
function namedTexts(container: At<V1Container>): Text[] {
  const texts = (list: readonly { name: string; value?: unknown }[] | null | undefined, path: At<unknown>["path"]) =>
    (list ?? []).map(({ name, value }, index) => ({ name, text: textOf(value), path: path(index, "value") }));
  return [
    ...texts(container.value.env, (...steps) => container.path("env", ...steps)),
    ...handlersOf(container).flatMap(({ value, path }) =>
      texts(value.httpGet?.httpHeaders, (...steps) => path("httpGet", "httpHeaders", ...steps)),
    ),
  ];
}

/** What a text looks like, if like a secret; never the text. */
function secretIn({ text, name }: Text): string | undefined {
  const form = forms.find(({ hints, regex }) => hints.some((hint) => text.includes(hint)) && regex.test(text));
  if (form) return `holds what looks like ${form.what}`;
  if (name === undefined) return undefined;
  const title = upperAscii(name);
  return names.some(
    (each) => each.name.test(title) && !each.except?.test(title) && !each.noSecret.test(upperAscii(text)),
  )
    ? "is a literal value of what its name calls a secret"
    : undefined;
}

/** The same as CEL's function of this name. */
const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** A text of a command line in capitals, its words separated by spaces and without quotation marks. */
const plain = (text: string): string =>
  upperAscii(text)
    .replace(/[\n\t]/g, " ")
    .replace(/["']/g, "");

/** The texts of a command line in which the value of a secret flag or assignment ends. */
function flagged(line: readonly Text[]): Set<Text> {
  const texts = line.map((each) => ({ each, plain: plain(each.text) }));
  const joined = texts.map((text) => text.plain).join(" ");
  const ends = flags
    .flatMap(({ flag, noSecret }) =>
      [...joined.matchAll(flag)]
        .filter(([match]) => !noSecret.test(match))
        .map(({ index, 0: match }) => index + match.length),
    )
    .sort((a, b) => a - b);
  let [start, next] = [0, 0];
  const found = texts.filter((text) => {
    const end = start + text.plain.length;
    while (next < ends.length && ends[next]! <= start) next += 1;
    const ended = next < ends.length && ends[next]! <= end;
    start = end + 1;
    return ended;
  });
  return new Set(found.map(({ each }) => each));
}

/** The same in CEL, of a container `c`: its command lines, and its lists of variables and headers. */
const listsOf = (...lists: readonly string[]): string => `[${lists.join(", ")}]`;
const orEmpty = (list: string): string => `${list}.orValue([])`;
const LINES = listsOf("c.?command.orValue([]) + c.?args.orValue([])", ...handlerFields("exec", "command").map(orEmpty));
const NAMED = listsOf(...["c.?env", ...handlerFields("httpGet", "httpHeaders")].map(orEmpty));

/** Texts of all containers, made from those of one, as a single text: to search one costs far less than to search many. */
const joined = (texts: string): string =>
  `variables.all.map(c, ${texts}.join(${quoted(LINE_END)})).join(${quoted(LINE_END)})`;
const replaced = (text: string, mark: string, by: string): string => `${text}.replace(${quoted(mark)}, ${quoted(by)})`;
const plainCel = (text: string): string =>
  ['"', "'"].reduce(
    (line, mark) => replaced(line, mark, ""),
    ["\n", "\t"].reduce((line, mark) => replaced(line, mark, " "), `${text}.upperAscii()`),
  );

export const noPlainSecrets: ObjectRule = {
  subject: "object",
  id: "no-plain-secrets",
  title: "No secret is in a ConfigMap, an environment variable, a command or a header",
  why: "Whoever may read an object, a plan, a repository or a process list reads it too; it is not encrypted at rest, and stays in every backup.",
  severity: "error",
  remedy:
    "Put it into a Secret and mount that, or refer to it by valueFrom.secretKeyRef; then replace it, for it is known.",
  check(object): Violation[] {
    const found = (text: Text): Violation[] => {
      const secret = secretIn(text);
      return secret === undefined ? [] : [{ path: text.path, message: `${secret}, allowed is a Secret` }];
    };
    if (object.kind === "ConfigMap" && object.apiVersion === "v1") return configMapTexts(object).flatMap(found);
    return containersOf(object).flatMap((container) => [
      ...commandLines(container).flatMap((line) => {
        const flagTexts = flagged(line);
        return line.flatMap((text) => {
          const formal = found(text);
          if (formal.length > 0 || !flagTexts.has(text)) return formal;
          const message = "holds a literal value of a flag that its name calls a secret, allowed is a Secret";
          return [{ path: text.path, message }];
        });
      }),
      ...namedTexts(container).flatMap(found),
    ]);
  },
  admission: {
    resources: [...POD_RESOURCES, CONFIG_MAPS],
    variables: [
      {
        name: "entries",
        expression: `object.kind == "ConfigMap" ? [object.?data.orValue({}), object.?binaryData.orValue({})] : []`,
      },
      { name: "all", expression: `object.kind == "ConfigMap" ? [] : variables.containers` },
      { name: "commands", expression: joined(`${LINES}.map(l, l.map(a, a).join(" "))`) },
      { name: "plainCommands", expression: plainCel("variables.commands") },
      {
        name: "values",
        expression: joined(`${NAMED}.map(l, l.map(e, e.?value.orValue("")).join(${quoted(LINE_END)}))`),
      },
    ],
    validations: [
      ...SECRET_FORMS.map((form) => ({
        expression: `variables.entries.all(entries, entries.all(k, !(${holds(form, "entries[k]")}))) && !(${holds(form, "variables.commands")}) && !(${holds(form, "variables.values")})`,
        message: `A ConfigMap, an environment variable, a command or a header holds what looks like ${form.what}.`,
      })),
      {
        expression:
          `variables.entries.all(entries, entries.all(k, !(${named("k", "entries[k]")}))) && ` +
          `variables.all.all(c, ${NAMED}.all(l, l.all(e, !(${named("e.name", 'e.?value.orValue("")')}))))`,
        message: "A variable, a header or an entry that its name calls a secret has a literal value.",
      },
      {
        expression: noFlags("variables.plainCommands"),
        message: "A flag that its name calls a secret has a literal value.",
      },
    ],
  },
};

function matches(text: string, expression: string): string {
  return `${text}.matches(${quoted(expression)})`;
}

function named(name: string, value: string): string {
  const [title, capitals] = [`${name}.upperAscii()`, `${value}.upperAscii()`];
  return SECRET_NAMES.map(
    (each) =>
      `(${matches(title, each.name)}${each.except === undefined ? "" : ` && !${matches(title, each.except)}`} && ` +
      `!${matches(capitals, each.noSecret)})`,
  ).join(" || ");
}

function noFlags(line: string): string {
  return SECRET_FLAGS.map(
    ({ flag, noSecret }) => `${line}.findAll(${quoted(flag)}).all(m, ${matches("m", noSecret)})`,
  ).join(" && ");
}

/** Whether a text has the form: the hints come first, for they cost little in a large text. */
function holds({ hints, expression }: SecretForm, text: string): string {
  return (
    `(${hints.map((hint) => `${text}.contains(${quoted(hint)})`).join(" || ")})` +
    (expression === undefined ? "" : ` && ${matches(text, expression)}`)
  );
}
