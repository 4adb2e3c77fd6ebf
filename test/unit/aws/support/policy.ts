import { rules } from "../../../../policies/rules";
import type { Recorded } from "./recording";

/** Checks recorded resources with Skerry's own rules. Returns one line per violation. */
export function checkResources(resources: readonly Recorded[]): string[] {
  return rules.flatMap((rule) => {
    if (rule.subject !== "resource") return [];
    return resources
      .filter(({ type }) => rule.types.includes(type))
      .flatMap(({ type, name, inputs }) =>
        rule
          .check({ type, name, props: inputs })
          .map(({ path, message }) => `${rule.id}: ${name}: ${path}: ${message}`),
      );
  });
}
