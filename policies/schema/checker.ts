import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Violation } from "../engine/rule";
import { type CustomKinds, customKinds } from "./custom-kinds";
import type { Schema } from "./schema";
import { StrictDefinitions } from "./strict";
import { customSchema } from "./structural";
import { isOpaque, kindOf, unknownKind } from "./unknown-kinds";
import { validate } from "./validate";
import { kubernetesSchema } from "./versions";

/** Checks objects against the schema of one minor version. */
class Checker {
  private readonly kinds: Readonly<Record<string, string>>;
  private readonly definitions: StrictDefinitions;
  private readonly definition = (name: string): Schema => this.definitions.get(name);
  private readonly schemas = new Map<unknown, Schema>();

  constructor(readonly minor: string) {
    const { kinds, definitions } = kubernetesSchema(minor);
    this.kinds = kinds;
    this.definitions = new StrictDefinitions(definitions);
  }

  /** Whether an object's kind is neither built in nor defined. Kinds that only K3s defines are not unknown. */
  isUnknown(object: KubeObject, custom: CustomKinds): boolean {
    const kind = kindOf(object);
    return !Object.hasOwn(this.kinds, kind) && !custom.has(kind) && !isOpaque(object);
  }

  /** Returns the violation of an object of unknown kind. */
  unknownKind(object: KubeObject, custom: CustomKinds): Violation {
    return unknownKind(object, this.minor, [...Object.keys(this.kinds), ...custom.keys()]);
  }

  /** Returns the violations of an object whose kind is not unknown. */
  check(object: KubeObject, custom: CustomKinds): readonly Violation[] {
    const kind = kindOf(object);
    const schema = this.builtIn(kind) ?? this.custom(kind, custom);
    return schema ? validate(object, schema, this.definition) : [];
  }

  private builtIn(kind: string): Schema | undefined {
    return Object.hasOwn(this.kinds, kind) ? this.definitions.get(this.kinds[kind]!) : undefined;
  }

  private custom(kind: string, custom: CustomKinds): Schema | undefined {
    if (!custom.has(kind)) return undefined;
    const definition = custom.get(kind);
    const schema = this.schemas.get(definition) ?? customSchema(definition);
    this.schemas.set(definition, schema);
    return schema;
  }
}

const checkers = new Map<string, Checker>();

/** The violations of an object. */
export interface SchemaFinding {
  readonly object: KubeObject;
  /** Further objects of the same unknown kind. */
  readonly similarObjects?: readonly KubeObject[];
  readonly violations: readonly Violation[];
}

/**
 * Checks objects against Kubernetes' schema and against CustomResourceDefinitions. Rejects unknown fields as
 * `kubectl apply --validate=strict` does. Reports each unknown kind once, for its first object.
 *
 * @param minor one of `knownMinors`
 * @param among the objects that contain the CustomResourceDefinitions
 */
export function checkSchema(
  minor: string,
  objects: readonly KubeObject[],
  among: readonly KubeObject[] = objects,
): SchemaFinding[] {
  const checker = checkers.get(minor) ?? new Checker(minor);
  checkers.set(minor, checker);
  const custom = customKinds(among);
  const unknown = new Map<string, KubeObject[]>();
  for (const object of objects.filter((each) => checker.isUnknown(each, custom))) {
    const similarObjects = unknown.get(kindOf(object));
    if (similarObjects) similarObjects.push(object);
    else unknown.set(kindOf(object), [object]);
  }
  const checkable = objects.filter((object) => !unknown.has(kindOf(object)));
  return [
    ...[...unknown.values()].map(([object, ...similarObjects]) => ({
      object: object!,
      similarObjects,
      violations: [addCount(checker.unknownKind(object!, custom), similarObjects.length)],
    })),
    ...checkable.map((object) => ({ object, violations: catchErrors(() => checker.check(object, custom)) })),
  ];
}

const addCount = ({ path, message }: Violation, more: number): Violation => ({
  path,
  message: more === 0 ? message : `${message} (in ${more + 1} objects)`,
});

/** Turns an error into a violation, so that it does not hide the violations of other objects. */
function catchErrors(check: () => readonly Violation[]): readonly Violation[] {
  try {
    return check();
  } catch (error) {
    const why = error instanceof RangeError ? "it is nested too deeply" : "the definition of its kind is invalid";
    return [{ path: "", message: `cannot be checked: ${why}` }];
  }
}
