import type { ApiObject } from "cdk8s";
import { Construct } from "constructs";

import type { KubeObject } from "../fleet/kubernetes/object";
import { isPerNodeKind } from "../fleet/kubernetes/replicas";
import { applyConstraints } from "./render/apply";
import { readAuthoredConstraints } from "./model/authored";
import { findContradictions } from "./contradictions/index";
import { type FleetScope, fleetScopeOf } from "./fleet-scope";
import type { PlacementContext, Intent, PlacementConstraint, RequestedConstraint } from "./model/constraint";
import { objectOf, type Placeable, placedTemplate } from "./model/workload";

/** An object as its author made it, and what placements ask of it. */
interface Placed {
  readonly intents: Intent[];
  authored(): KubeObject;
}

const placedObjects = new WeakMap<ApiObject, Placed>();

/** What every placement construct is told. */
export interface PlacementProps {
  /** A cdk8s-plus workload, or any ApiObject with a pod template. */
  readonly workload: Placeable;
}

/**
 * A statement of where a workload's pods belong. Statements compose: in any order, they give the same object, and those
 * that contradict each other fail when the chart is synthesized, each named by its path.
 *
 * @example
 * // A statement of one's own: what it asks for is merged with what others ask.
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
  /** The object that is placed. */
  protected readonly target: ApiObject;

  /** @throws TypeError when the workload becomes no object */
  constructor(scope: Construct, id: string, { workload }: PlacementProps) {
    super(scope, id);
    this.target = objectOf(workload);
    intentsOf(this.target).push({
      by: `${this.constructor.name} (${this.node.path})`,
      constraints: (context) => this.constraints(context),
      problems: (context) => this.problems(context),
      others: () => this.others(),
    });
  }

  /** What this asks for. Asked when the object is rendered. */
  protected abstract constraints(context: PlacementContext): readonly PlacementConstraint[];

  /** What is wrong with this alone. */
  protected problems(_facts: PlacementContext): readonly string[] {
    return [];
  }

  /** Other objects that this goes by. */
  protected others(): readonly ApiObject[] {
    return [];
  }
}

/** An object as its author made it, without its placements. */
export function renderAuthored(target: ApiObject): KubeObject {
  return placedObjects.get(target)?.authored() ?? (target.toJson() as KubeObject);
}

/** Everything that is wanted of an object, by its placements and by its author. */
export function requestedConstraints(target: ApiObject): readonly RequestedConstraint[] {
  const context = contextOf(target, renderAuthored(target));
  return context
    ? [...asked(placedObjects.get(target)?.intents ?? [], context), ...readAuthoredConstraints(context)]
    : [];
}

/** From the first intent on, the object renders with all of its intents, and is validated by them. */
function intentsOf(target: ApiObject): Intent[] {
  const known = placedObjects.get(target);
  if (known) return known.intents;
  const intents: Intent[] = [];
  const render = target.toJson.bind(target) as () => KubeObject;
  placedObjects.set(target, { intents, authored: render });
  // A chart that is rendered validates its whole app, and others' charts do so too: what did not change is judged once.
  let judged: { readonly text: string; readonly scope?: FleetScope; readonly problems: readonly string[] } | undefined;
  const problems = (object: KubeObject): readonly string[] => {
    const scope = fleetScopeOf(target);
    const others = intents.flatMap((intent) => intent.others());
    const text = JSON.stringify([
      object,
      intents.length,
      ...others.map((other) => [renderAuthored(other), intentsCount(other)]),
    ]);
    if (judged?.text !== text || judged.scope !== scope) {
      judged = { text, ...(scope && { scope }), problems: problemsOf(target, object, intents) };
    }
    return judged.problems;
  };
  target.node.addValidation({ validate: () => [...problems(render())] });
  // Which fields there are is not known before the object is rendered; a JSON patch would have to know it now.
  target.toJson = () => {
    const object = render();
    const wrong = problems(object);
    if (wrong.length > 0) throw new Error(`${target.node.path} cannot be placed:\n  ${wrong.join("\n  ")}`);
    const context = contextOf(target, object)!;
    return applyConstraints(context, asked(intents, context));
  };
  return intents;
}

const intentsCount = (target: ApiObject): number => placedObjects.get(target)?.intents.length ?? 0;

function contextOf(target: ApiObject, object: KubeObject): PlacementContext | undefined {
  const template = placedTemplate(object);
  const scope = fleetScopeOf(target);
  return template && { target, object, template, perNode: isPerNodeKind(object.kind), ...(scope && { scope }) };
}

/** By who asks, so that messages come out the same in any order of constructs. */
function asked(intents: readonly Intent[], context: PlacementContext): RequestedConstraint[] {
  return [...intents]
    .sort((a, b) => (a.by < b.by ? -1 : 1))
    .flatMap((intent) => intent.constraints(context).map((constraint) => ({ by: intent.by, constraint })));
}

function problemsOf(target: ApiObject, object: KubeObject, intents: readonly Intent[]): readonly string[] {
  const context = contextOf(target, object);
  if (!context) {
    const names = intents.map(({ by }) => by).sort();
    return [
      `${names.join(" and ")}: ${object.kind} ${target.node.path} has no pod template, so it has no pods to place`,
    ];
  }
  const alone = intents.flatMap((intent) => intent.problems(context).map((problem) => `${intent.by}: ${problem}`));
  // What is wrong by itself contradicts all sorts of things.
  return [...new Set(alone.length > 0 ? alone : findContradictions(context, asked(intents, context)))].sort();
}
