import { isLabelValue, isQualifiedName, KEY_RULE, LABEL_VALUE_RULE } from "../../fleet/reading/forms";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { ownedLabel, ownedTaint } from "../../fleet/kubernetes/owned-keys";
import { formatPath, formatValue } from "../../fleet/problem";
import { nodePools } from "../kubernetes/nodes";
import type { ObjectRule, Violation } from "../engine/rule";

/** The name of a pool is the value of a label on its nodes. */
const LONGEST_NAME = 63;

function labelViolations(stated: Readonly<Record<string, unknown>>): Violation[] {
  return Object.entries(stated).flatMap(([key, value]) => {
    const path = formatPath(["spec", "labels", key]);
    const owned = ownedLabel(key);
    return [
      ...(isQualifiedName(key) ? [] : [{ path, message: `key ${KEY_RULE}, got ${formatValue(key)}` }]),
      ...(typeof value === "string" && isLabelValue(value)
        ? []
        : [{ path, message: `${LABEL_VALUE_RULE}, got ${formatValue(value)}` }]),
      ...(owned === undefined ? [] : [{ path, message: owned }]),
    ];
  });
}

function taintViolations(
  stated: readonly { readonly key?: string; readonly value?: string; readonly effect?: string }[],
) {
  const identity = stated.map(({ key, effect }) => `${key}:${effect}`);
  return stated.flatMap(({ key = "", value = "" }, index): Violation[] => {
    const path = (...steps: string[]): string => formatPath(["spec", "taints", index, ...steps]);
    const owned = ownedTaint(key);
    return [
      ...(isQualifiedName(key) ? [] : [{ path: path("key"), message: `${KEY_RULE}, got ${formatValue(key)}` }]),
      ...(isLabelValue(value)
        ? []
        : [{ path: path("value"), message: `${LABEL_VALUE_RULE}, got ${formatValue(value)}` }]),
      ...(owned === undefined ? [] : [{ path: path("key"), message: `got ${formatValue(key)}: ${owned}` }]),
      ...(identity.indexOf(identity[index]!) === index
        ? []
        : [{ path: path(), message: `duplicate taint ${identity[index]}: must be stated once per key and effect` }]),
    ];
  });
}

function check(object: KubeObject): Violation[] {
  const { name = "" } = object.metadata;
  return nodePools([object]).flatMap(({ labels, taints }) => [
    ...(name.length > LONGEST_NAME
      ? [{ path: "metadata.name", message: `has ${name.length} characters: must have at most ${LONGEST_NAME}` }]
      : []),
    ...labelViolations(labels),
    ...taintViolations(taints),
  ]);
}

export const nodePoolsValid: ObjectRule = {
  subject: "object",
  id: "node-pools-valid",
  title: "A node pool states labels and taints that are its own to state, each once",
  why: "Kubernetes and the node controller would change the node in turn, without end; or the API server refuses the pool.",
  severity: "error",
  remedy: "Use a key in a domain of your own, and one value for each key and effect.",
  check,
  noAdmission: "The CustomResourceDefinition of NodePool holds pools to the same at the API server.",
};
