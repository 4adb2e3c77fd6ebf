import { type ApiObject } from "cdk8s";
import { Construct } from "constructs";

import { applied } from "./apply";
import { contradictions } from "./contradictions";
import { fleetScopeOf } from "./fleet-scope";
import type { Facts, Intent, Piece } from "./intent";
import { objectOf, type Placeable, templateOf, type WorkloadObject } from "./pod-template";

const intentsOf = new WeakMap<ApiObject, Intent[]>();

/** What every placement construct is told. */
export interface PlacementProps {
  /** A cdk8s-plus workload, or any ApiObject with a pod template. */
  readonly workload: Placeable;
}

/**
 * A statement of where a workload's pods belong. Statements compose: in any order, they give the same object, and those
 * that contradict each other fail when the chart is synthesized.
 */
export abstract class Placement extends Construct {
  /** @throws TypeError when the workload becomes no object with a pod template */
  constructor(scope: Construct, id: string, { workload }: PlacementProps) {
    super(scope, id);
    const target = objectOf(workload);
    const intent: Intent = {
      by: `${this.constructor.name} (${this.node.path})`,
      pieces: (facts) => this.pieces(facts),
      problems: (facts) => this.problems(facts),
    };
    const known = intentsOf.get(target);
    if (known) known.push(intent);
    else intentsOf.set(target, follow(target, [intent]));
  }

  /** What this asks for. Asked when the object is rendered. */
  protected abstract pieces(facts: Facts): readonly Piece[];

  /** What is wrong with this alone. */
  protected problems(_facts: Facts): readonly string[] {
    return [];
  }
}

/** From the first intent on, the object renders with all of its intents, and is validated by them. */
function follow(target: ApiObject, intents: Intent[]): Intent[] {
  const render = target.toJson.bind(target) as () => WorkloadObject;
  const factsOf = (object: WorkloadObject): Facts => ({ object, ...fleetScopeOf(target) });
  target.node.addValidation({
    validate: () => {
      const object = render();
      if (!templateOf(object)) return [`${object.kind}: has no pod template, so its pods cannot be placed`];
      return [...contradictions(intents, factsOf(object))];
    },
  });
  // Which fields there are is not known before the object is rendered; a JSON patch would have to know it now.
  target.toJson = () => {
    const object = render();
    return templateOf(object) ? applied(object, intents, factsOf(object)) : object;
  };
  return intents;
}
