import type { KubeObject } from "../../../../fleet/kubernetes/object";
import type { Rule, Violation } from "../../../../policies/engine/rule";

/** The version of Kubernetes that examples are checked against. */
export const KUBERNETES = "1.36.3";

/** What a rule finds in an object that nothing else lies beside; nothing for rules about fleets and clouds. */
export function violationsAlone(rule: Rule, object: KubeObject): readonly Violation[] {
  switch (rule.subject) {
    case "object":
      return rule.check(object);
    case "cluster":
      return rule.check({ kubernetesVersion: KUBERNETES, objects: [object] });
    default:
      return [];
  }
}
