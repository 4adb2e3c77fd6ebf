import { createRequire } from "node:module";
import { resolve } from "node:path";

import type * as typescript from "typescript";

import { parsePath } from "../problem";
import type { TextPlace } from "./read-text";

type TypeScript = typeof typescript;

/** TypeScript is in every checkout that has a typed fleet, and only there: Skerry itself does not need it. */
function compilerFor(file: string): TypeScript | undefined {
  for (const from of [resolve(file), __filename]) {
    try {
      return createRequire(from)("typescript") as TypeScript;
    } catch {
      // Not there: the next place, or none.
    }
  }
  return undefined;
}

/** Finds the lines of a module's values as far as they are written as literals; undefined without TypeScript. */
export function moduleLines(
  file: string,
  text: string,
  name: string,
): { place(path: string): TextPlace | undefined } | undefined {
  const ts = compilerFor(file);
  if (!ts) return undefined;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const literals = new Literals(ts, source);
  return {
    place: (path) => {
      const found = literals.deepest(name, parsePath(path));
      if (!found) return undefined;
      const { line, character } = source.getLineAndCharacterOfPosition(found.getStart(source));
      return { line: line + 1, column: character + 1 };
    },
  };
}

/** Names that refer to each other in a circle end here. */
const MOST_STEPS = 50;

class Literals {
  /** What a name at the top of the file stands for. */
  private readonly declared = new Map<string, typescript.Expression>();
  private exported: typescript.Expression | undefined;

  constructor(
    private readonly ts: TypeScript,
    source: typescript.SourceFile,
  ) {
    for (const statement of source.statements) {
      if (ts.isVariableStatement(statement)) {
        for (const { name, initializer } of statement.declarationList.declarations) {
          if (ts.isIdentifier(name) && initializer) this.declared.set(name.text, initializer);
        }
      }
      if (ts.isExportAssignment(statement)) this.exported = statement.expression;
      if (ts.isExpressionStatement(statement)) this.commonJs(statement.expression);
    }
  }

  /** The deepest node on the way to a path that is written in this file. */
  deepest(name: string, steps: readonly PropertyKey[]): typescript.Node | undefined {
    let node = this.declared.get(name) ?? this.exported;
    let found: typescript.Node | undefined = node && this.literal(node);
    for (const step of steps) {
      const next = node && this.child(this.literal(node), step);
      if (!next) break;
      found = next.at;
      node = next.value;
      if (!node) break;
    }
    return found;
  }

  /** `module.exports = …` and `exports.fleet = …`. */
  private commonJs(expression: typescript.Expression): void {
    const { ts } = this;
    if (!ts.isBinaryExpression(expression) || !ts.isPropertyAccessExpression(expression.left)) return;
    const { expression: of, name } = expression.left;
    if (of.getText() === "module" && name.text === "exports") this.exported = expression.right;
    else if (/^(module\.)?exports$/.test(of.getText())) this.declared.set(name.text, expression.right);
  }

  /** What an expression is once names, types and brackets around it are taken off; `definePolicy({…})` is its argument. */
  private literal(expression: typescript.Expression, left = MOST_STEPS): typescript.Expression {
    const { ts } = this;
    if (left === 0) return expression;
    if (
      ts.isParenthesizedExpression(expression) ||
      ts.isAsExpression(expression) ||
      ts.isSatisfiesExpression(expression) ||
      ts.isNonNullExpression(expression)
    ) {
      return this.literal(expression.expression, left - 1);
    }
    if (ts.isIdentifier(expression)) {
      const value = this.declared.get(expression.text);
      return value ? this.literal(value, left - 1) : expression;
    }
    const [only, ...more] = ts.isCallExpression(expression) ? expression.arguments : [];
    return only && more.length === 0 && ts.isObjectLiteralExpression(only) ? only : expression;
  }

  private child(
    node: typescript.Expression,
    step: PropertyKey,
  ): { readonly at: typescript.Node; readonly value?: typescript.Expression } | undefined {
    if (this.ts.isObjectLiteralExpression(node)) return this.property(node, String(step));
    return this.ts.isArrayLiteralExpression(node) ? this.element(node, Number(step)) : undefined;
  }

  /** The last one counts, as it does when the module runs. */
  private property(node: typescript.ObjectLiteralExpression, key: string): ReturnType<Literals["child"]> {
    const { ts } = this;
    for (const each of [...node.properties].reverse()) {
      if (ts.isSpreadAssignment(each)) {
        const inner = this.child(this.literal(each.expression), key);
        if (inner) return inner;
      } else if (each.name && this.nameOf(each.name) === key) {
        if (ts.isPropertyAssignment(each)) return { at: each.name, value: each.initializer };
        return ts.isShorthandPropertyAssignment(each) ? { at: each.name, value: each.name } : { at: each.name };
      }
    }
    return undefined;
  }

  private nameOf(name: typescript.PropertyName): string | undefined {
    const { ts } = this;
    const literal = ts.isComputedPropertyName(name) ? name.expression : name;
    return ts.isIdentifier(literal) && literal === name
      ? literal.text
      : ts.isStringLiteralLike(literal) || ts.isNumericLiteral(literal)
        ? literal.text
        : undefined;
  }

  /** How many items a spread of something calculated gives is not known: what comes from there on stands at it. */
  private element(node: typescript.ArrayLiteralExpression, index: number): ReturnType<Literals["child"]> {
    const { ts } = this;
    let left = index;
    for (const each of node.elements) {
      if (!ts.isSpreadElement(each)) {
        if (left === 0) return { at: each, value: each };
        left -= 1;
        continue;
      }
      const inner = this.literal(each.expression);
      if (!ts.isArrayLiteralExpression(inner) || inner.elements.some((item) => ts.isSpreadElement(item)))
        return { at: each };
      if (left < inner.elements.length) return this.element(inner, left);
      left -= inner.elements.length;
    }
    return undefined;
  }
}
