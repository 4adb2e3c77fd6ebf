import Ajv, { type ValidateFunction } from "ajv";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Violation } from "../rule";
import { customKinds } from "./custom-kinds";
import { formats } from "./formats";
import { violations } from "./messages";
import { definitionRef, strictSchema } from "./strict";
import { customSchema } from "./structural";
import { isOpaque, kindOf, unknownKind } from "./unknown-kinds";
import { kubernetesSchema } from "./versions";

function hasNull(value: unknown): boolean {
  if (typeof value !== "object") return false;
  if (value === null) return true;
  for (const key in value) if (hasNull((value as Readonly<Record<string, unknown>>)[key])) return true;
  return false;
}

/** The same without its empty fields, which the API server takes as left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNulls(each)]));
}

/** Validators of one minor version, each made when the first object of its kind comes. */
class Checker {
  private readonly ajv = new Ajv({
    // All problems at once, each with the schema that it breaks.
    allErrors: true,
    verbose: true,
    // OpenAPI is no dialect that ajv knows, and a definition of somebody else's may be written badly.
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
    formats,
    // Half the time to compile, for validators that run a few thousand times.
    code: { optimize: false },
  });
  private readonly kinds: ReadonlyMap<string, string>;
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(readonly minor: string) {
    const schema = kubernetesSchema(minor);
    this.kinds = new Map(Object.entries(schema.kinds));
    this.ajv.addSchema(strictSchema(schema));
  }

  /** What is wrong with one object, among others that may define kinds. */
  check(object: KubeObject, custom: ReadonlyMap<string, unknown>): readonly Violation[] {
    const kind = kindOf(object);
    const validate = this.builtIn(kind) ?? this.custom(kind, custom);
    if (validate === undefined) {
      return isOpaque(object) ? [] : [unknownKind(object, this.minor, [...this.kinds.keys(), ...custom.keys()])];
    }
    const plain = hasNull(object) ? withoutNulls(object) : object;
    return validate(plain) ? [] : violations(plain, validate.errors ?? []);
  }

  private builtIn(kind: string): ValidateFunction | undefined {
    const definition = this.kinds.get(kind);
    return definition === undefined ? undefined : this.ajv.getSchema(definitionRef(definition));
  }

  private custom(kind: string, custom: ReadonlyMap<string, unknown>): ValidateFunction | undefined {
    if (!custom.has(kind)) return undefined;
    // Clusters of a fleet define the same kinds, each in objects of its own.
    const text = JSON.stringify(custom.get(kind));
    const made = this.validators.get(text) ?? this.ajv.compile(customSchema(custom.get(kind)));
    this.validators.set(text, made);
    return made;
  }
}

const checkers = new Map<string, Checker>();

/**
 * Holds objects against what a minor version of Kubernetes says of its kinds, and the CustomResourceDefinitions among
 * the objects of theirs. Unknown fields are refused, as `kubectl apply --validate=strict` does.
 *
 * @param minor one of `knownMinors`
 * @param among the objects whose CustomResourceDefinitions count
 */
export function schemaCheck(
  minor: string,
  objects: readonly KubeObject[],
  among: readonly KubeObject[] = objects,
): { readonly object: KubeObject; readonly violations: readonly Violation[] }[] {
  const checker = checkers.get(minor) ?? new Checker(minor);
  checkers.set(minor, checker);
  const custom = customKinds(among);
  return objects.map((object) => ({ object, violations: guarded(() => checker.check(object, custom)) }));
}

/** One object that cannot be checked, or a definition that makes no sense, hides nothing of the others. */
function guarded(check: () => readonly Violation[]): readonly Violation[] {
  try {
    return check();
  } catch (error) {
    const why = error instanceof RangeError ? "it is nested too deeply" : "the definition of its kind cannot be used";
    return [{ path: "", message: `cannot be checked: ${why}` }];
  }
}
