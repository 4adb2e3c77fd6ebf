import { pathText } from "../../fleet/problem";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { quoted } from "../admission/cel";
import { CONFIG_MAPS, POD_RESOURCES } from "../admission/resources";
import { containersOf } from "../pods";
import type { ObjectRule, Violation } from "../rule";
import { NO_SECRET, NO_SECRET_FLAG, SECRET_FLAG, SECRET_FORMS, SECRET_NAME, type SecretForm } from "../secret-forms";

const forms = SECRET_FORMS.map((form) => ({ ...form, regex: new RegExp(form.expression ?? "") }));
const secretName = new RegExp(SECRET_NAME);
const noSecret = new RegExp(NO_SECRET);
const secretFlag = new RegExp(SECRET_FLAG);
const noSecretFlag = new RegExp(NO_SECRET_FLAG);

/** A text of an object, and where it lies. */
interface Text {
  readonly text: string;
  readonly path: string;
  /** The name that it has: of a variable, or a key. */
  readonly name?: string;
}

/** What is no text is malformed, and read as the text that YAML had. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

function configMapTexts({ data, binaryData }: KubeObject): Text[] {
  const texts = (field: string, entries: unknown): Text[] =>
    Object.entries((entries ?? {}) as Record<string, unknown>).map(([name, text]) => ({
      name,
      text: textOf(text),
      path: pathText([field, name]),
    }));
  return [...texts("data", data), ...texts("binaryData", binaryData)];
}

function podTexts(object: KubeObject): Text[] {
  return containersOf(object).flatMap(({ value, path }) => [
    ...(["command", "args"] as const).flatMap((field) =>
      (value[field] ?? []).map((text, index) => ({ text: textOf(text), path: path(field, index) })),
    ),
    ...(value.env ?? []).map(({ name, value: text }, index) => ({
      name,
      text: textOf(text),
      path: path("env", index, "value"),
    })),
  ]);
}

/** What a text looks like, if like a secret; never the text. */
function secretIn({ text, name }: Text): string | undefined {
  const form = forms.find(({ hints, regex }) => hints.some((hint) => text.includes(hint)) && regex.test(text));
  if (form) return `holds what looks like ${form.what}`;
  const capitals = text.toUpperCase();
  if (name !== undefined)
    return secretName.test(name.toUpperCase()) && !noSecret.test(capitals)
      ? "is a literal value of what its name calls a secret"
      : undefined;
  return secretFlag.test(capitals) && !noSecretFlag.test(capitals)
    ? "is a flag with a literal value of what its name calls a secret"
    : undefined;
}

export const noPlainSecrets: ObjectRule = {
  subject: "object",
  id: "no-plain-secrets",
  title: "No secret stands in a ConfigMap, an environment variable or an argument",
  why: "Whoever may read an object, a plan, a repository or a process list reads it too; it is not encrypted at rest, and stays in every backup.",
  severity: "error",
  remedy:
    "Put it into a Secret and mount that, or refer to it by valueFrom.secretKeyRef; then replace it, for it is known.",
  check(object): Violation[] {
    const texts = object.kind === "ConfigMap" && object.apiVersion === "v1" ? configMapTexts(object) : podTexts(object);
    return texts.flatMap((text) => {
      const found = secretIn(text);
      return found === undefined ? [] : [{ path: text.path, message: `${found}, allowed is a Secret` }];
    });
  },
  admission: {
    resources: [...POD_RESOURCES, CONFIG_MAPS],
    variables: [
      {
        name: "entries",
        expression: `object.kind == "ConfigMap" ? [object.?data.orValue({}), object.?binaryData.orValue({})] : []`,
      },
      { name: "all", expression: `object.kind == "ConfigMap" ? [] : variables.containers` },
    ],
    validations: [
      ...SECRET_FORMS.map((form) => ({
        expression: noText(holds(form)),
        message: `A ConfigMap, an environment variable or an argument holds what looks like ${form.what}.`,
      })),
      {
        expression:
          `variables.entries.all(entries, entries.all(k, !(${named("k", "entries[k]")}))) && variables.all.all(c, ` +
          `c.?env.orValue([]).all(e, !(${named("e.name", 'e.?value.orValue("")')})))`,
        message: "A variable or an entry that its name calls a secret has a literal value.",
      },
      {
        expression: `variables.all.all(c, ${argumentsOf("c")}.all(a, !(${matches("a.upperAscii()", SECRET_FLAG)}) || ${matches("a.upperAscii()", NO_SECRET_FLAG)}))`,
        message: "A flag that its name calls a secret has a literal value.",
      },
    ],
  },
};

function matches(text: string, expression: string): string {
  return `${text}.matches(${quoted(expression)})`;
}

function named(name: string, value: string): string {
  return `${matches(`${name}.upperAscii()`, SECRET_NAME)} && !${matches(`${value}.upperAscii()`, NO_SECRET)}`;
}

function argumentsOf(container: string): string {
  return `(${container}.?command.orValue([]) + ${container}.?args.orValue([]))`;
}

/** Whether a text has the form: the hints come first, for they cost little in a large text. */
function holds({ hints, expression }: SecretForm): (text: string) => string {
  return (text) =>
    `(${hints.map((hint) => `${text}.contains(${quoted(hint)})`).join(" || ")})` +
    (expression === undefined ? "" : ` && ${matches(text, expression)}`);
}

/** True where no text of the object is such. */
function noText(bad: (text: string) => string): string {
  return (
    `variables.entries.all(entries, entries.all(k, !(${bad("entries[k]")}))) && variables.all.all(c, ` +
    `${argumentsOf("c")}.all(a, !(${bad("a")})) && c.?env.orValue([]).all(e, !has(e.value) || !(${bad("e.value")})))`
  );
}
