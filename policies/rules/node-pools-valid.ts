import { isLabelValue, isQualifiedName, KEY_RULE, LABEL_VALUE_RULE } from "../../fleet/reading/forms";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { ownedLabel, ownedTaint } from "../../fleet/kubernetes/owned-keys";
import { pathText, shown } from "../../fleet/problem";
import { nodePools } from "../kubernetes/nodes";
import type { ObjectRule, Violation } from "../engine/rule";

/** A pool's name is a label value on its nodes. */
const MAX_NAME_LENGTH = 63;

function checkLabels(labels: Readonly<Record<string, unknown>>): Violation[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const path = pathText(["spec", "labels", key]);
    const owned = ownedLabel(key);
    return [
      ...(isQualifiedName(key) ? [] : [{ path, message: `key: got ${shown(key)}, ${KEY_RULE}` }]),
      ...(typeof value === "string" && isLabelValue(value)
        ? []
        : [{ path, message: `got ${shown(value)}, ${LABEL_VALUE_RULE}` }]),
      ...(owned === undefined ? [] : [{ path, message: owned }]),
    ];
  });
}

function checkTaints(taints: readonly { readonly key?: string; readonly value?: string; readonly effect?: string }[]) {
  const ids = taints.map(({ key, effect }) => `${key}:${effect}`);
  return taints.flatMap(({ key = "", value = "" }, index): Violation[] => {
    const path = (...steps: string[]): string => pathText(["spec", "taints", index, ...steps]);
    const owned = ownedTaint(key);
    return [
      ...(isQualifiedName(key) ? [] : [{ path: path("key"), message: `got ${shown(key)}, ${KEY_RULE}` }]),
      ...(isLabelValue(value) ? [] : [{ path: path("value"), message: `got ${shown(value)}, ${LABEL_VALUE_RULE}` }]),
      ...(owned === undefined ? [] : [{ path: path("key"), message: `got ${shown(key)}: ${owned}` }]),
      ...(ids.indexOf(ids[index]!) === index
        ? []
        : [{ path: path(), message: `duplicate taint ${ids[index]}: key and effect must be unique` }]),
    ];
  });
}

function check(object: KubeObject): Violation[] {
  const { name = "" } = object.metadata;
  return nodePools([object]).flatMap(({ labels, taints }) => [
    ...(name.length > MAX_NAME_LENGTH
      ? [{ path: "metadata.name", message: `got ${name.length} characters, must be at most ${MAX_NAME_LENGTH}` }]
      : []),
    ...checkLabels(labels),
    ...checkTaints(taints),
  ]);
}

export const nodePoolsValid: ObjectRule = {
  subject: "object",
  id: "node-pools-valid",
  title: "Labels and taints of node pools are valid, unique and not reserved",
  why: "Kubernetes and the node controller overwrite each other's values for a reserved key, without end. The API server rejects other invalid pools.",
  severity: "error",
  remedy: "Use keys in a domain of your own, and one value per key and effect.",
  check,
  noAdmission: "The CustomResourceDefinition of FleetNodePool enforces the same limits at the API server.",
};
