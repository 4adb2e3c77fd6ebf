import Ajv, { type ValidateFunction } from "ajv";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { linearExpression } from "../linear-expression";
import type { Violation } from "../rule";
import { customKinds } from "./custom-kinds";
import { formats } from "./formats";
import { violations } from "./messages";
import { definitionRef, strictSchema } from "./strict";
import { customSchema } from "./structural";
import { isOpaque, kindOf, unknownKind } from "./unknown-kinds";
import { kubernetesSchema } from "./versions";

/** Patterns come from definitions that anybody wrote; one that Go does not read was left out before. */
const linear = Object.assign((pattern: string) => linearExpression(pattern)!, { code: "linear" });

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
    code: { optimize: false, regExp: linear },
  });
  private readonly kinds: ReadonlyMap<string, string>;
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(readonly minor: string) {
    const schema = kubernetesSchema(minor);
    this.kinds = new Map(Object.entries(schema.kinds));
    this.ajv.addSchema(strictSchema(schema));
  }

  /** Whether nobody here can say what an object of a kind looks like, and it should be known. */
  isUnknown(object: KubeObject, custom: ReadonlyMap<string, unknown>): boolean {
    const kind = kindOf(object);
    return !this.kinds.has(kind) && !custom.has(kind) && !isOpaque(object);
  }

  /** What is wrong with an unknown kind, among others that are defined here. */
  unknown(object: KubeObject, custom: ReadonlyMap<string, unknown>): Violation {
    return unknownKind(object, this.minor, [...this.kinds.keys(), ...custom.keys()]);
  }

  /** What is wrong with one object of a known kind, among others that may define kinds. */
  check(object: KubeObject, custom: ReadonlyMap<string, unknown>): readonly Violation[] {
    const kind = kindOf(object);
    const validate = this.builtIn(kind) ?? this.custom(kind, custom);
    if (validate === undefined) return [];
    return validate(object) ? [] : violations(object, validate.errors ?? []);
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

/** What is wrong with an object, and with others in the same way. */
export interface SchemaFinding {
  readonly object: KubeObject;
  /** Others of the same unknown kind. */
  readonly alike?: readonly KubeObject[];
  readonly violations: readonly Violation[];
}

/**
 * Holds objects against what a minor version of Kubernetes says of its kinds, and the CustomResourceDefinitions among
 * the objects of theirs. Unknown fields are refused, as `kubectl apply --validate=strict` does. An unknown kind is told of its
 * first object.
 *
 * @param minor one of `knownMinors`
 */
export function schemaCheck(minor: string, objects: readonly KubeObject[]): SchemaFinding[] {
  const checker = checkers.get(minor) ?? new Checker(minor);
  checkers.set(minor, checker);
  const custom = customKinds(objects);
  const unknown = new Map<string, KubeObject[]>();
  for (const object of objects.filter((each) => checker.isUnknown(each, custom))) {
    const alike = unknown.get(kindOf(object));
    if (alike) alike.push(object);
    else unknown.set(kindOf(object), [object]);
  }
  const known = objects.filter((object) => !unknown.has(kindOf(object)));
  return [
    ...[...unknown.values()].map(([object, ...alike]) => ({
      object: object!,
      alike,
      violations: [counted(checker.unknown(object!, custom), alike.length)],
    })),
    ...known.map((object) => ({ object, violations: guarded(() => checker.check(object, custom)) })),
  ];
}

const counted = ({ path, message }: Violation, more: number): Violation => ({
  path,
  message: more === 0 ? message : `${message} (of ${more + 1} objects)`,
});

/** One object that cannot be checked, or a definition that makes no sense, hides nothing of the others. */
function guarded(check: () => readonly Violation[]): readonly Violation[] {
  try {
    return check();
  } catch (error) {
    const why = error instanceof RangeError ? "it is nested too deeply" : "the definition of its kind cannot be used";
    return [{ path: "", message: `cannot be checked: ${why}` }];
  }
}
