import type { KubeObject } from "../../../../fleet/kubernetes/object";
import type { Rule, Violation } from "../../../../policies/engine/rule";

/** Kubernetes version for the examples. */
export const KUBERNETES = "1.36.3";

/** Date for the examples. */
const TODAY = "2026-11-24";

/** Checks a single object. Returns nothing for fleet and resource rules. */
export function violationsAlone(rule: Rule, object: KubeObject): readonly Violation[] {
  switch (rule.subject) {
    case "object":
      return rule.check(object, { today: TODAY });
    case "cluster":
      return rule.check({ kubernetesVersion: KUBERNETES, objects: [object] });
    default:
      return [];
  }
}
