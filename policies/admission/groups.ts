import { createHash } from "node:crypto";

import type { AdmittedRule, AdmissionResources, NamedExpression, Severity } from "../engine/rule";
import { CONFIG_MAPS, POD_RESOURCES } from "./resources";

/** Rules that share one policy, so that the API server prepares an object once for all of them. */
export interface RuleGroup {
  /** For example `pods-error`. Depends only on the resources and the severity. */
  readonly name: string;
  readonly resources: readonly AdmissionResources[];
  readonly severity: Severity;
  readonly rules: readonly AdmittedRule[];
}

const resourcesOf = ({ admission: { resources = POD_RESOURCES } }: AdmittedRule): readonly AdmissionResources[] =>
  resources;

/** Returns a key that does not depend on the order of the resources. */
function keyOf(resources: readonly AdmissionResources[]): string {
  const entries = resources.map(({ apiGroups, apiVersions, resources: names }) =>
    JSON.stringify([apiGroups, apiVersions, names].map((each) => [...each].sort())),
  );
  return entries.sort().join();
}

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [keyOf(POD_RESOURCES), "pods"],
  [keyOf([CONFIG_MAPS]), "configmaps"],
  [keyOf([...POD_RESOURCES, CONFIG_MAPS]), "pods-configmaps"],
]);

/** Returns a readable, unique name. The hash distinguishes equal plurals of different API groups. */
function nameOf(resources: readonly AdmissionResources[]): string {
  const key = keyOf(resources);
  const shortName = SHORT_NAMES.get(key);
  if (shortName !== undefined) return shortName;
  const plurals = [...new Set(resources.flatMap((each) => each.resources))].sort().join("-");
  const readable = plurals.replaceAll("*", "all").replace(/[^a-z0-9]+/g, "-");
  return `${readable.slice(0, 60)}-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
}

/**
 * Groups rules by their resources and severity. Keeps the order of the rules.
 *
 * @param severityOf returns `off` to omit a rule
 */
export function groupRules(
  rules: readonly AdmittedRule[],
  severityOf: (rule: AdmittedRule) => Severity | "off",
): RuleGroup[] {
  const groups = new Map<string, RuleGroup & { readonly rules: AdmittedRule[] }>();
  for (const rule of rules) {
    const severity = severityOf(rule);
    if (severity === "off") continue;
    const resources = resourcesOf(rule);
    const name = `${nameOf(resources)}-${severity}`;
    const group = groups.get(name) ?? { name, resources, severity, rules: [] };
    group.rules.push(rule);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/**
 * Returns the common variables and those of the group's rules, without duplicates. Rules may share a variable if their
 * definitions are equal.
 *
 * @param common variables that every rule may use
 * @throws Error if two rules define a variable differently, or a rule redefines a common variable
 */
export function collectVariables(
  { name, rules }: RuleGroup,
  common: readonly NamedExpression[],
): readonly NamedExpression[] {
  const defined = new Map(common.map((variable) => [variable.name, { variable, by: "every rule" }]));
  for (const rule of rules) {
    for (const variable of rule.admission.variables ?? []) {
      const other = defined.get(variable.name);
      if (other === undefined) defined.set(variable.name, { variable, by: rule.id });
      else if (other.variable.expression !== variable.expression)
        throw new Error(
          `rule ${rule.id}: variable "${variable.name}" is defined differently by ${other.by} in the same admission policy (${name}); rename it`,
        );
    }
  }
  return [...defined.values()].map(({ variable }) => variable);
}
