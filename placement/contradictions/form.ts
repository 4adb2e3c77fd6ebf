import {
  isDnsLabel,
  isLabelValue,
  isQualifiedName,
  KEY_RULE,
  DNS_LABEL_RULE,
  LABEL_VALUE_RULE,
} from "../../fleet/reading/forms";
import { formatValue } from "../../fleet/problem";
import { claims } from "../model/authored";
import type { PlacementConstraint, RequestedConstraint } from "../model/constraint";

/** Checks values that Kubernetes would reject later, without a reference to the construct that requests them. */
export function checkForm(requested: readonly RequestedConstraint[]): string[] {
  return requested.flatMap(({ by, constraint }) => {
    const { keys = [], values = [] } = getKeysAndValues(constraint);
    return [
      ...keys.filter((key) => !isQualifiedName(key)).map((key) => `${by}: key ${KEY_RULE}, got ${formatValue(key)}`),
      ...values
        .filter((value) => !isLabelValue(value))
        .map((value) => `${by}: value ${LABEL_VALUE_RULE}, got ${formatValue(value)}`),
      ...(constraint.kind === "volume" && !isDnsLabel(constraint.name)
        ? [`${by}: data.name ${DNS_LABEL_RULE}, got ${formatValue(constraint.name)}`]
        : []),
    ];
  });
}

/** Returns the parts of a constraint that become keys and values of labels or taints. */
function getKeysAndValues(constraint: PlacementConstraint): {
  readonly keys?: readonly string[];
  readonly values?: readonly string[];
} {
  switch (constraint.kind) {
    case "label":
      return { keys: [constraint.key], values: [constraint.value] };
    case "claim":
      return constraint.key === claims.served ? { values: [constraint.value] } : {};
    case "node":
    case "reach":
    case "prefer":
      return { keys: [constraint.key], values: constraint.values ?? [] };
    case "tolerate":
      return { keys: [constraint.key], values: constraint.value === undefined ? [] : [constraint.value] };
    case "pods":
      return { keys: Object.keys(constraint.labels), values: Object.values(constraint.labels) };
    default:
      return {};
  }
}
