import type { DrillResult, IntentViolation, RegionLoss } from "../report";

const isBroken = ({ after }: IntentViolation): boolean => after?.broken === true;

/** `tokyo: PodDisruptionBudget telemetry/dashboard`. */
export const describeIntent = ({ cluster, object }: Pick<IntentViolation, "cluster" | "object">): string =>
  `${cluster}: ${object}`;

/**
 * Whether a fleet survives the loss of any one region, before and after a change: no drill of a region breaks an intent.
 *
 * @param regions the regions that have nodes
 * @returns undefined unless each of the regions was drilled
 */
export function summarizeRegionLoss(
  regions: readonly string[],
  results: readonly DrillResult[],
): RegionLoss | undefined {
  const drills = new Map(results.map((result) => [result.drill, result]));
  const ofRegions = regions.map((region) => ({ region, result: drills.get(`region=${region}`) }));
  if (regions.length === 0 || ofRegions.some(({ result }) => !result || result.errors.length > 0)) return undefined;
  const violations = ofRegions.flatMap(({ result }) => result!.violations);
  return {
    survives: {
      before: !violations.some(({ before }) => before?.broken === true),
      after: !violations.some(isBroken),
    },
    breaks: ofRegions
      .map(({ region, result }) => ({
        region,
        intents: [...new Set(result!.violations.filter(isBroken).map(describeIntent))],
      }))
      .filter(({ intents }) => intents.length > 0),
  };
}
