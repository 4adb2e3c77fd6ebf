import type { ApiObject } from "cdk8s";
import { Construct } from "constructs";

import type { KubeObject } from "../fleet/kubernetes/object";
import { isPerNodeKind } from "../fleet/kubernetes/replicas";
import { applyConstraints } from "./render/apply";
import { readAuthoredConstraints } from "./model/authored";
import { findContradictions } from "./contradictions/index";
import { type FleetScope, findFleetScope } from "./fleet-scope";
import type { PlacementContext, Intent, PlacementConstraint, RequestedConstraint } from "./model/constraint";
import { objectOf, type Placeable, placedTemplate } from "./model/workload";

/** An object with placements. */
interface PlacedObject {
  readonly intents: Intent[];
  /** Renders the object without its placements. */
  renderAuthored(): KubeObject;
}

const placedObjects = new WeakMap<ApiObject, PlacedObject>();

/** Properties of {@link Placement}. */
export interface PlacementProps {
  /** The workload to place: a workload of cdk8s-plus, or any ApiObject with a pod template. */
  readonly workload: Placeable;
}

/**
 * Base class of the placement constructs, each of which adds constraints to a workload.
 *
 * Placements compose in any order and render the same manifest. Constraints that contradict each other, the object or the
 * cluster make synthesis fail with an error that names every construct involved by its path.
 *
 * Extend it to define a placement of your own.
 *
 * @example
 * class OnSite extends Placement {
 *   constructor(scope: Construct, id: string, private readonly props: PlacementProps & { readonly site: string }) {
 *     super(scope, id, props);
 *   }
 *   protected constraints(): readonly PlacementConstraint[] {
 *     return [{ kind: "node", key: "example.com/site", values: [this.props.site] }];
 *   }
 * }
 * new OnSite(chart, "hall-3", { workload: detector, site: "hall-3" });
 */
export abstract class Placement extends Construct {
  /** The object that the workload creates. */
  protected readonly target: ApiObject;

  /** @throws TypeError if the workload creates no object */
  constructor(scope: Construct, id: string, { workload }: PlacementProps) {
    super(scope, id);
    this.target = objectOf(workload);
    registerIntents(this.target).push({
      by: `${this.constructor.name} (${this.node.path})`,
      constraints: (context) => this.constraints(context),
      problems: (context) => this.problems(context),
      others: () => this.others(),
    });
  }

  /** Returns the constraints to add. Called whenever the object is rendered. */
  protected abstract constraints(context: PlacementContext): readonly PlacementConstraint[];

  /** Returns problems of this construct by itself, such as invalid props. */
  protected problems(_context: PlacementContext): readonly string[] {
    return [];
  }

  /** Returns the other objects that the constraints depend on. */
  protected others(): readonly ApiObject[] {
    return [];
  }
}

/** Renders an object without its placements. */
export function renderAuthored(target: ApiObject): KubeObject {
  return placedObjects.get(target)?.renderAuthored() ?? (target.toJson() as KubeObject);
}

/** Collects the constraints of an object: those of its placements, and those that its own fields express. */
export function collectConstraints(target: ApiObject): readonly RequestedConstraint[] {
  const context = createContext(target, renderAuthored(target));
  if (!context) return [];
  return [
    ...requestConstraints(placedObjects.get(target)?.intents ?? [], context),
    ...readAuthoredConstraints(context),
  ];
}

/** Returns the list of an object's intents. The first call makes the object render and validate with them. */
function registerIntents(target: ApiObject): Intent[] {
  const placed = placedObjects.get(target);
  if (placed) return placed.intents;
  const intents: Intent[] = [];
  const render = target.toJson.bind(target) as () => KubeObject;
  placedObjects.set(target, { intents, renderAuthored: render });
  // Rendering one chart validates the whole app, so the result is cached until something that it depends on changes.
  let cached: { readonly text: string; readonly scope?: FleetScope; readonly problems: readonly string[] } | undefined;
  const validate = (object: KubeObject): readonly string[] => {
    const scope = findFleetScope(target);
    const others = intents.flatMap((intent) => intent.others());
    const text = JSON.stringify([
      object,
      intents.length,
      ...others.map((other) => [renderAuthored(other), countIntents(other)]),
    ]);
    if (cached?.text !== text || cached.scope !== scope) {
      cached = { text, ...(scope && { scope }), problems: findProblems(target, object, intents) };
    }
    return cached.problems;
  };
  target.node.addValidation({ validate: () => [...validate(render())] });
  // A JsonPatch must be complete when it is added, but the fields to write depend on what the object renders.
  target.toJson = () => {
    const object = render();
    const problems = validate(object);
    if (problems.length > 0) throw new Error(`cannot place ${target.node.path}:\n  ${problems.join("\n  ")}`);
    const context = createContext(target, object)!;
    return applyConstraints(context, requestConstraints(intents, context));
  };
  return intents;
}

const countIntents = (target: ApiObject): number => placedObjects.get(target)?.intents.length ?? 0;

function createContext(target: ApiObject, object: KubeObject): PlacementContext | undefined {
  const template = placedTemplate(object);
  const scope = findFleetScope(target);
  return template && { target, object, template, perNode: isPerNodeKind(object.kind), ...(scope && { scope }) };
}

/** Sorts by construct, so that messages do not depend on the order in which constructs were created. */
function requestConstraints(intents: readonly Intent[], context: PlacementContext): RequestedConstraint[] {
  return [...intents]
    .sort((a, b) => (a.by < b.by ? -1 : 1))
    .flatMap((intent) => intent.constraints(context).map((constraint) => ({ by: intent.by, constraint })));
}

function findProblems(target: ApiObject, object: KubeObject, intents: readonly Intent[]): readonly string[] {
  const context = createContext(target, object);
  if (!context) {
    const names = intents.map(({ by }) => by).sort();
    return [`${names.join(" and ")}: ${object.kind} ${target.node.path} must have a pod template`];
  }
  const invalid = intents.flatMap((intent) => intent.problems(context).map((problem) => `${intent.by}: ${problem}`));
  // An invalid construct would also cause misleading contradictions.
  const problems = invalid.length > 0 ? invalid : findContradictions(context, requestConstraints(intents, context));
  return [...new Set(problems)].sort();
}
