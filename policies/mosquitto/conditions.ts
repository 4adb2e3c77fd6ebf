import { quoted } from "../admission/cel";

/**
 * Which text an option is looked for in: the listener's own part of the file, the part that its security settings come
 * from, or the whole file.
 */
export type Scope = "section" | "security" | "file";

/** A condition on one listener, stated once and evaluated here as well as by the API server. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  /** The option is stated, with any value. */
  | { readonly in: Scope; readonly stated: string }
  /** The last statement of the option, which counts, has a first word that matches the expression. */
  | { readonly in: Scope; readonly option: string; readonly is: string }
  /** Some line matches one expression and not the other. */
  | { readonly in: Scope; readonly line: string; readonly unless: string }
  /** The section uses a plugin (`plugin_use`) whose `plugin_load` line does not match the expression. */
  | { readonly usesPluginUnless: string }
  /** The section, which begins with the listener's port, matches an expression. */
  | { readonly sectionMatches: string };

/** The texts of one listener, in normal form. */
export type Scopes = Readonly<Record<Scope, string>>;

const LOAD = "plugin_load ";

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
  if ("stated" in condition) return text.includes(`\n${condition.stated} `);
  if ("line" in condition) {
    const [line, unless] = [new RegExp(condition.line), new RegExp(condition.unless)];
    return text.split("\n").some((each) => line.test(each) && !unless.test(each));
  }
  const at = text.lastIndexOf(`\n${condition.option} `);
  return at !== -1 && new RegExp(lastStatement(condition)).test(text.slice(at));
}

/** The same in CEL, where the scopes are the texts that these expressions name. */
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
  if ("stated" in condition) return `${text}.contains(${quoted(`\n${condition.stated} `)})`;
  if ("line" in condition)
    return `${text}.split("\\n").exists(l, ${matches("l", condition.line)} && !${matches("l", condition.unless)})`;
  const option = quoted(`\n${condition.option} `);
  const last = `${text}.substring(${text}.lastIndexOf(${option}))`;
  return `(${text}.contains(${option}) && ${matches(last, lastStatement(condition))})`;
}

const lastStatement = ({ option, is }: { readonly option: string; readonly is: string }): string =>
  `^\n${option.replaceAll(".", "[.]")} (${is})[ \n]`;
