import { quoted } from "../admission/cel";

/** The text that a condition applies to: the listener's section, the text with its security settings, or the whole file. */
export type Scope = "section" | "security" | "file";

/** A condition on one listener. `holds` evaluates it, and `conditionCel` renders it for the API server. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  /** The option is set, to any value. */
  | { readonly in: Scope; readonly sets: string }
  /** The first word of the option's value matches the expression. The last line that sets the option takes effect. */
  | { readonly in: Scope; readonly option: string; readonly is: string }
  /** A line matches `line` and does not match `unless`. */
  | { readonly in: Scope; readonly line: string; readonly unless: string }
  /** The section uses a plugin (`plugin_use`) whose `plugin_load` line does not match the expression. */
  | { readonly usesPluginUnless: string }
  /** The section, which starts with the listener's port, matches the expression. */
  | { readonly sectionMatches: string };

/** The texts of one listener, normalized. */
export type Scopes = Readonly<Record<Scope, string>>;

const LOAD = "plugin_load ";

/** Reports whether a condition holds for a listener. */
export function holds(condition: Condition, scopes: Scopes): boolean {
  if ("all" in condition) return condition.all.every((each) => holds(each, scopes));
  if ("any" in condition) return condition.any.some((each) => holds(each, scopes));
  if ("not" in condition) return !holds(condition.not, scopes);
  if ("sectionMatches" in condition) return new RegExp(condition.sectionMatches).test(scopes.section);
  if ("usesPluginUnless" in condition) {
    const unless = new RegExp(condition.usesPluginUnless);
    return scopes.file
      .split("\n")
      .some(
        (line) =>
          line.startsWith(LOAD) &&
          !unless.test(line) &&
          scopes.section.includes(`\nplugin_use ${line.split(" ")[1]!}\n`),
      );
  }
  const text = scopes[condition.in];
  if ("sets" in condition) return text.includes(`\n${condition.sets} `);
  if ("line" in condition) {
    const [line, unless] = [new RegExp(condition.line), new RegExp(condition.unless)];
    return text.split("\n").some((each) => line.test(each) && !unless.test(each));
  }
  const at = text.lastIndexOf(`\n${condition.option} `);
  return at !== -1 && new RegExp(lastSetting(condition)).test(text.slice(at));
}

/** Renders a condition in CEL. `scopes` contains a CEL expression for each text. */
export function conditionCel(condition: Condition, scopes: Scopes): string {
  const inner = (each: Condition): string => conditionCel(each, scopes);
  const matches = (text: string, expression: string): string => `${text}.matches(${quoted(expression)})`;
  if ("all" in condition) return `(${condition.all.map(inner).join(" && ")})`;
  if ("any" in condition) return `(${condition.any.map(inner).join(" || ")})`;
  if ("not" in condition) return `!${inner(condition.not)}`;
  if ("sectionMatches" in condition) return matches(scopes.section, condition.sectionMatches);
  if ("usesPluginUnless" in condition)
    return (
      `${scopes.file}.split("\\n").exists(l, l.startsWith(${quoted(LOAD)}) && ` +
      `!${matches("l", condition.usesPluginUnless)} && ` +
      `${scopes.section}.contains("\\nplugin_use " + l.split(" ")[1] + "\\n"))`
    );
  const text = scopes[condition.in];
  if ("sets" in condition) return `${text}.contains(${quoted(`\n${condition.sets} `)})`;
  if ("line" in condition)
    return `${text}.split("\\n").exists(l, ${matches("l", condition.line)} && !${matches("l", condition.unless)})`;
  const option = quoted(`\n${condition.option} `);
  const last = `${text}.substring(${text}.lastIndexOf(${option}))`;
  return `(${text}.contains(${option}) && ${matches(last, lastSetting(condition))})`;
}

const lastSetting = ({ option, is }: { readonly option: string; readonly is: string }): string =>
  `^\n${option.replaceAll(".", "[.]")} (${is})[ \n]`;
