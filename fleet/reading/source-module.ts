import { createRequire } from "node:module";
import { resolve } from "node:path";

import type * as typescript from "typescript";

import { parsePath } from "../problem";
import type { TextPlace } from "./read-text";

type TypeScript = typeof typescript;

/** Loads TypeScript from the file's packages. Checkouts with a typed fleet have it; Skerry does not depend on it. */
function loadCompiler(file: string): TypeScript | undefined {
  for (const from of [resolve(file), __filename]) {
    try {
      return createRequire(from)("typescript") as TypeScript;
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** Reads the positions of values that a module writes as literals. Undefined if TypeScript is not installed. */
export function readModuleLines(
  file: string,
  text: string,
  name: string,
): { place(path: string): TextPlace | undefined } | undefined {
  const ts = loadCompiler(file);
  if (!ts) return undefined;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const literals = new Literals(ts, source);
  return {
    place: (path) => {
      const found = literals.findDeepest(name, parsePath(path));
      if (!found) return undefined;
      const { line, character } = source.getLineAndCharacterOfPosition(found.getStart(source));
      return { line: line + 1, column: character + 1 };
    },
  };
}

/** Ends cycles of names that refer to each other. */
const MAX_STEPS = 50;

class Literals {
  /** Values of the names that are declared at the top level of the file. */
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
      if (ts.isExpressionStatement(statement)) this.addCommonJsExport(statement.expression);
    }
  }

  /** Finds the deepest node along a path that the file contains. */
  findDeepest(name: string, steps: readonly PropertyKey[]): typescript.Node | undefined {
    let node = this.declared.get(name) ?? this.exported;
    let found: typescript.Node | undefined = node && this.resolve(node);
    for (const step of steps) {
      const next = node && this.findChild(this.resolve(node), step);
      if (!next) break;
      found = next.at;
      node = next.value;
      if (!node) break;
    }
    return found;
  }

  /** Records `module.exports = …` and `exports.fleet = …`. */
  private addCommonJsExport(expression: typescript.Expression): void {
    const { ts } = this;
    if (!ts.isBinaryExpression(expression) || !ts.isPropertyAccessExpression(expression.left)) return;
    const { expression: object, name } = expression.left;
    if (object.getText() === "module" && name.text === "exports") this.exported = expression.right;
    else if (/^(module\.)?exports$/.test(object.getText())) this.declared.set(name.text, expression.right);
  }

  /** Resolves names, type assertions and parentheses. A call with one object, such as `definePolicy({…})`, resolves to it. */
  private resolve(expression: typescript.Expression, left = MAX_STEPS): typescript.Expression {
    const { ts } = this;
    if (left === 0) return expression;
    if (
      ts.isParenthesizedExpression(expression) ||
      ts.isAsExpression(expression) ||
      ts.isSatisfiesExpression(expression) ||
      ts.isNonNullExpression(expression)
    ) {
      return this.resolve(expression.expression, left - 1);
    }
    if (ts.isIdentifier(expression)) {
      const value = this.declared.get(expression.text);
      return value ? this.resolve(value, left - 1) : expression;
    }
    const [only, ...more] = ts.isCallExpression(expression) ? expression.arguments : [];
    return only && more.length === 0 && ts.isObjectLiteralExpression(only) ? only : expression;
  }

  private findChild(
    node: typescript.Expression,
    step: PropertyKey,
  ): { readonly at: typescript.Node; readonly value?: typescript.Expression } | undefined {
    if (this.ts.isObjectLiteralExpression(node)) return this.findProperty(node, String(step));
    return this.ts.isArrayLiteralExpression(node) ? this.findElement(node, Number(step)) : undefined;
  }

  /** Returns the last property with the key, as when the module runs. */
  private findProperty(node: typescript.ObjectLiteralExpression, key: string): ReturnType<Literals["findChild"]> {
    const { ts } = this;
    for (const each of [...node.properties].reverse()) {
      if (ts.isSpreadAssignment(each)) {
        const inner = this.findChild(this.resolve(each.expression), key);
        if (inner) return inner;
      } else if (each.name && this.getName(each.name) === key) {
        if (ts.isPropertyAssignment(each)) return { at: each.name, value: each.initializer };
        return ts.isShorthandPropertyAssignment(each) ? { at: each.name, value: each.name } : { at: each.name };
      }
    }
    return undefined;
  }

  private getName(name: typescript.PropertyName): string | undefined {
    const { ts } = this;
    const literal = ts.isComputedPropertyName(name) ? name.expression : name;
    return ts.isIdentifier(literal) && literal === name
      ? literal.text
      : ts.isStringLiteralLike(literal) || ts.isNumericLiteral(literal)
        ? literal.text
        : undefined;
  }

  /** Items after a computed spread, whose number is unknown, have the position of the spread. */
  private findElement(node: typescript.ArrayLiteralExpression, index: number): ReturnType<Literals["findChild"]> {
    const { ts } = this;
    let left = index;
    for (const each of node.elements) {
      if (!ts.isSpreadElement(each)) {
        if (left === 0) return { at: each, value: each };
        left -= 1;
        continue;
      }
      const inner = this.resolve(each.expression);
      if (!ts.isArrayLiteralExpression(inner) || inner.elements.some((item) => ts.isSpreadElement(item)))
        return { at: each };
      if (left < inner.elements.length) return this.findElement(inner, left);
      left -= inner.elements.length;
    }
    return undefined;
  }
}
