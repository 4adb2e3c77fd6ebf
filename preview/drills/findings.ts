import { objectId } from "../../fleet/kubernetes/object";
import { evaluate } from "../../policies/engine/evaluate";
import { EVERY_ENVIRONMENT, type Policy } from "../../policies/engine/policy";
import type { Finding, PolicyReport } from "../../policies/engine/report";
import type { BrokenIntent } from "../../policies/engine/rule";
import { rules } from "../../policies/rules";
import type { Rendering } from "../rendering";
import type { DrillResult, IntentState, IntentViolation } from "../report";

/** The part of a policy that is plain data: what a revision's code says about findings of a preview. */
export type PolicySettings = Pick<Policy, "severities" | "waivers">;

const DRILL_RULES = rules.filter(({ subject }) => subject === "drill");

/** `region=tokyo leaves 1 of at least 2 pods of Deployment telemetry/dashboard until they are replaced`. */
function describeBreach(drill: string, { workloads, unit }: IntentViolation, state: IntentState): string {
  const { requires, during, after } = state;
  const names = workloads.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).join(", ");
  const passing = after >= requires;
  const left = passing ? during : after;
  return `drill ${drill} leaves ${left} of at least ${requires} ${unit} of ${names}${passing ? " until they are replaced" : ""}`;
}

/** What drills break in one state of each cluster. */
function findBroken(
  { clusters }: Rendering,
  results: readonly DrillResult[],
  moment: "before" | "after",
): Map<string, BrokenIntent[]> {
  return new Map(
    clusters.map(({ name, objects }) => {
      const byId = new Map(objects.map((object) => [objectId(object), object]));
      const broken = results.flatMap(({ drill, violations }) =>
        violations.flatMap((violation): BrokenIntent[] => {
          const [state, object] = [violation[moment], byId.get(violation.object)];
          if (violation.cluster !== name || !state?.broken || !object) return [];
          return [{ drill, object, path: violation.path, message: describeBreach(drill, violation, state) }];
        }),
      );
      return [name, broken];
    }),
  );
}

/**
 * The findings of the rules on drills in one of two states, under the policy of its revision.
 *
 * @param complete whether every region was drilled, so that a waiver without a finding is unused
 */
export function evaluateDrills(
  rendering: Rendering,
  { environment, today }: PolicyReport,
  settings: PolicySettings,
  results: readonly DrillResult[],
  moment: "before" | "after",
  complete: boolean,
): Finding[] {
  const clusters = rendering.clusters.map(({ name, kubernetesVersion, objects }) => {
    return { name, kubernetesVersion, objects };
  });
  // Rules of the team are functions, which a rendering does not hold: its severities and waivers may name them.
  const ids = new Set(DRILL_RULES.map(({ id }) => id));
  const severities = Object.entries(settings.severities ?? {}).map(([name, byRule]) => {
    return [name, Object.fromEntries(Object.entries(byRule).filter(([id]) => ids.has(id)))] as const;
  });
  const waivers = (settings.waivers ?? []).map((waiver, index) => ({ waiver, index }));
  const own = waivers.filter(({ waiver }) => ids.has(waiver.rule));
  const policy = { severities: Object.fromEntries(severities), waivers: own.map(({ waiver }) => waiver) };
  const subjects = { clusters, drills: findBroken(rendering, results, moment) };
  const { findings } = evaluate(DRILL_RULES, subjects, { policy, environment, today, unusedWaivers: complete });
  // Paths of waivers refer to the policy as it is written.
  return findings.map((finding) => {
    const position = /^waivers\[(\d+)\]$/.exec(finding.path)?.[1];
    return position === undefined ? finding : { ...finding, path: `waivers[${own[Number(position)]!.index}]` };
  });
}

/** Whether a policy sets the severity of a rule on drills, so that a preview has to drill every region. */
export function requiresDrills({ severities = {} }: PolicySettings, environment: string): boolean {
  return DRILL_RULES.some(({ id }) => {
    const severity = severities[environment]?.[id] ?? severities[EVERY_ENVIRONMENT]?.[id];
    return severity !== undefined && severity !== "off";
  });
}
