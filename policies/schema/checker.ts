import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Violation } from "../engine/rule";
import { type CustomKinds, customKinds } from "./custom-kinds";
import type { Schema } from "./schema";
import { StrictDefinitions } from "./strict";
import { customSchema } from "./structural";
import { isOpaque, kindOf, unknownKind } from "./unknown-kinds";
import { validate } from "./validate";
import { kubernetesSchema } from "./versions";

/** The kinds of one minor version. */
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

  /** Whether nobody here can say what an object of a kind looks like, and it should be known. */
  isUnknown(object: KubeObject, custom: CustomKinds): boolean {
    const kind = kindOf(object);
    return !Object.hasOwn(this.kinds, kind) && !custom.has(kind) && !isOpaque(object);
  }

  /** What is wrong with an unknown kind, among others that are defined here. */
  unknown(object: KubeObject, custom: CustomKinds): Violation {
    return unknownKind(object, this.minor, [...Object.keys(this.kinds), ...custom.keys()]);
  }

  /** What is wrong with one object of a known kind, among others that may define kinds. */
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
    const stated = custom.get(kind);
    const made = this.schemas.get(stated) ?? customSchema(stated);
    this.schemas.set(stated, made);
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
 * @param among the objects whose CustomResourceDefinitions count
 */
export function schemaCheck(
  minor: string,
  objects: readonly KubeObject[],
  among: readonly KubeObject[] = objects,
): SchemaFinding[] {
  const checker = checkers.get(minor) ?? new Checker(minor);
  checkers.set(minor, checker);
  const custom = customKinds(among);
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
