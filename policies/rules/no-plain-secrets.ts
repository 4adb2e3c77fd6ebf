import type { V1Container } from "@kubernetes/client-node";

import { pathText } from "../../fleet/problem";
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

/** A string in an object, and its path. */
interface Text {
  readonly text: string;
  readonly path: string;
  /** Name of the variable, key or header. */
  readonly name?: string;
}

/** Returns the value as a string. A value of another type is malformed, and is read as YAML wrote it. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

function findConfigMapTexts({ data, binaryData }: KubeObject): Text[] {
  const texts = (field: string, entries: unknown): Text[] =>
    Object.entries((entries ?? {}) as Record<string, unknown>).map(([name, text]) => ({
      name,
      text: textOf(text),
      path: pathText([field, name]),
    }));
  return [...texts("data", data), ...texts("binaryData", binaryData)];
}

/** Returns the command lines of a container and of its handlers, each as a list of arguments. */
function findCommandLines(container: At<V1Container>): Text[][] {
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

/** Returns the environment variables and the HTTP headers of a container. */
function findNamedTexts(container: At<V1Container>): Text[] {
  const texts = (list: readonly { name: string; value?: unknown }[] | null | undefined, path: At<unknown>["path"]) =>
    (list ?? []).map(({ name, value }, index) => ({ name, text: textOf(value), path: path(index, "value") }));
  return [
    ...texts(container.value.env, (...steps) => container.path("env", ...steps)),
    ...handlersOf(container).flatMap(({ value, path }) =>
      texts(value.httpGet?.httpHeaders, (...steps) => path("httpGet", "httpHeaders", ...steps)),
    ),
  ];
}

/** Describes the secret that a text appears to contain, without quoting the text. */
function describeSecret({ text, name }: Text): string | undefined {
  const form = forms.find(({ hints, regex }) => hints.some((hint) => text.includes(hint)) && regex.test(text));
  if (form) return `contains what looks like ${form.what}`;
  if (name === undefined) return undefined;
  const upperName = upperAscii(name);
  return names.some(
    (each) => each.name.test(upperName) && !each.except?.test(upperName) && !each.noSecret.test(upperAscii(text)),
  )
    ? "is a literal value for a name that denotes a secret"
    : undefined;
}

/** Equals CEL's function of this name. */
const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** Returns an argument in upper case, with spaces for white space and without quotation marks. */
const normalize = (text: string): string =>
  upperAscii(text)
    .replace(/[\n\t]/g, " ")
    .replace(/["']/g, "");

/** Returns the arguments of a command line that contain the end of a value of a secret flag or assignment. */
function findFlagValues(line: readonly Text[]): Set<Text> {
  const texts = line.map((each) => ({ each, plain: normalize(each.text) }));
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
    const containsEnd = next < ends.length && ends[next]! <= end;
    start = end + 1;
    return containsEnd;
  });
  return new Set(found.map(({ each }) => each));
}

/** CEL expressions for a container `c`: its command lines, and its lists of variables and headers. */
const listsOf = (...lists: readonly string[]): string => `[${lists.join(", ")}]`;
const orEmpty = (list: string): string => `${list}.orValue([])`;
const COMMAND_LINES = listsOf(
  "c.?command.orValue([]) + c.?args.orValue([])",
  ...handlerFields("exec", "command").map(orEmpty),
);
const NAMED_LISTS = listsOf(...["c.?env", ...handlerFields("httpGet", "httpHeaders")].map(orEmpty));

/** Joins the texts of all containers into one string, because searching one string costs far less than many. */
const joinAll = (texts: string): string =>
  `variables.all.map(c, ${texts}.join(${quoted(LINE_END)})).join(${quoted(LINE_END)})`;
const replaceCel = (text: string, mark: string, by: string): string =>
  `${text}.replace(${quoted(mark)}, ${quoted(by)})`;
const normalizeCel = (text: string): string =>
  ['"', "'"].reduce(
    (line, mark) => replaceCel(line, mark, ""),
    ["\n", "\t"].reduce((line, mark) => replaceCel(line, mark, " "), `${text}.upperAscii()`),
  );

export const noPlainSecrets: ObjectRule = {
  subject: "object",
  id: "no-plain-secrets",
  title: "ConfigMaps, environment variables, commands and headers contain no secrets",
  why: "The secret is readable in the object, in plans, in the repository and in process lists. It is not encrypted at rest and remains in every backup.",
  severity: "error",
  remedy:
    "Move the value to a Secret, and mount it or reference it with valueFrom.secretKeyRef. Then rotate the secret, because it has been exposed.",
  check(object): Violation[] {
    const check = (text: Text): Violation[] => {
      const secret = describeSecret(text);
      return secret === undefined ? [] : [{ path: text.path, message: `${secret}, must be in a Secret` }];
    };
    if (object.kind === "ConfigMap" && object.apiVersion === "v1") return findConfigMapTexts(object).flatMap(check);
    return containersOf(object).flatMap((container) => [
      ...findCommandLines(container).flatMap((line) => {
        const flagValues = findFlagValues(line);
        return line.flatMap((text) => {
          const violations = check(text);
          if (violations.length > 0 || !flagValues.has(text)) return violations;
          const message = "contains a literal value for a flag whose name denotes a secret, must be in a Secret";
          return [{ path: text.path, message }];
        });
      }),
      ...findNamedTexts(container).flatMap(check),
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
      { name: "commands", expression: joinAll(`${COMMAND_LINES}.map(l, l.map(a, a).join(" "))`) },
      { name: "plainCommands", expression: normalizeCel("variables.commands") },
      {
        name: "values",
        expression: joinAll(`${NAMED_LISTS}.map(l, l.map(e, e.?value.orValue("")).join(${quoted(LINE_END)}))`),
      },
    ],
    validations: [
      ...SECRET_FORMS.map((form) => ({
        expression: `variables.entries.all(entries, entries.all(k, !(${hasFormCel(form, "entries[k]")}))) && !(${hasFormCel(form, "variables.commands")}) && !(${hasFormCel(form, "variables.values")})`,
        message: `A ConfigMap, an environment variable, a command or a header contains what looks like ${form.what}.`,
      })),
      {
        expression:
          `variables.entries.all(entries, entries.all(k, !(${hasSecretNameCel("k", "entries[k]")}))) && ` +
          `variables.all.all(c, ${NAMED_LISTS}.all(l, l.all(e, !(${hasSecretNameCel("e.name", 'e.?value.orValue("")')}))))`,
        message: "A variable, a header or a key whose name denotes a secret has a literal value.",
      },
      {
        expression: hasNoFlagCel("variables.plainCommands"),
        message: "A flag whose name denotes a secret has a literal value.",
      },
    ],
  },
};

function matchesCel(text: string, expression: string): string {
  return `${text}.matches(${quoted(expression)})`;
}

function hasSecretNameCel(name: string, value: string): string {
  const [upperName, upperValue] = [`${name}.upperAscii()`, `${value}.upperAscii()`];
  return SECRET_NAMES.map(
    (each) =>
      `(${matchesCel(upperName, each.name)}${each.except === undefined ? "" : ` && !${matchesCel(upperName, each.except)}`} && ` +
      `!${matchesCel(upperValue, each.noSecret)})`,
  ).join(" || ");
}

function hasNoFlagCel(line: string): string {
  return SECRET_FLAGS.map(
    ({ flag, noSecret }) => `${line}.findAll(${quoted(flag)}).all(m, ${matchesCel("m", noSecret)})`,
  ).join(" && ");
}

/** Reports whether a text has the form. The hints come first, because they cost little in a large text. */
function hasFormCel({ hints, expression }: SecretForm, text: string): string {
  return (
    `(${hints.map((hint) => `${text}.contains(${quoted(hint)})`).join(" || ")})` +
    (expression === undefined ? "" : ` && ${matchesCel(text, expression)}`)
  );
}
