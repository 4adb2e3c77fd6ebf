import type { Construct } from "constructs";

import { Spread, type SpreadProps } from "./spread";

/**
 * Spreads a workload over the zones (the failure domains inside a region) where it may run.
 *
 * @example
 * new SpreadAcrossZones(chart, "over-zones", { workload: detector, maxSkew: 2 });
 */
export class SpreadAcrossZones extends Spread {
  constructor(scope: Construct, id: string, props: SpreadProps) {
    super(scope, id, "zone", props);
  }
}
