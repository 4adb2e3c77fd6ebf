import { createHash } from "node:crypto";

import type { AdmittedRule, AdmissionResources, NamedExpression, Severity } from "../engine/rule";
import { CONFIG_MAPS, POD_RESOURCES } from "./resources";

/** Rules that one policy states: the API server asks it once about an object, not each of them. */
export interface RuleGroup {
  /** `pods-error`. The same for as long as the group's resources and severity are. */
  readonly name: string;
  readonly resources: readonly AdmissionResources[];
  readonly severity: Severity;
  readonly rules: readonly AdmittedRule[];
}

const resourcesOf = ({ admission: { resources = POD_RESOURCES } }: AdmittedRule): readonly AdmissionResources[] =>
  resources;

/** Equal for resources that are listed in another order. */
function keyOf(resources: readonly AdmissionResources[]): string {
  const entries = resources.map(({ apiGroups, apiVersions, resources: names }) =>
    JSON.stringify([apiGroups, apiVersions, names].map((each) => [...each].sort())),
  );
  return entries.sort().join();
}

const KNOWN_NAMES: ReadonlyMap<string, string> = new Map([
  [keyOf(POD_RESOURCES), "pods"],
  [keyOf([CONFIG_MAPS]), "configmaps"],
  [keyOf([...POD_RESOURCES, CONFIG_MAPS]), "pods-configmaps"],
]);

/** Readable, and unique: the same plural may belong to several API groups. */
function nameOf(resources: readonly AdmissionResources[]): string {
  const key = keyOf(resources);
  const known = KNOWN_NAMES.get(key);
  if (known !== undefined) return known;
  const plurals = [...new Set(resources.flatMap((each) => each.resources))].sort().join("-");
  const readable = plurals.replaceAll("*", "all").replace(/[^a-z0-9]+/g, "-");
  return `${readable.slice(0, 60)}-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
}

/**
 * Groups rules that look at the same resources and have the same severity, in the rules' order.
 *
 * @param severityOf `off` leaves a rule out
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
 * The variables of a group's rules, each once. Rules may share one that they define alike.
 *
 * @param common what every rule may use
 * @throws Error when two rules define a variable differently, or one redefines a common one
 */
export function groupVariables(
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
