import type { Construct } from "constructs";

import { Spread, type SpreadProps } from "./spread";

/**
 * Spreads a workload over the regions where it may run.
 *
 * @example
 * new SpreadAcrossRegions(chart, "three-regions", { workload: detector, minDomains: 3 });
 */
export class SpreadAcrossRegions extends Spread {
  constructor(scope: Construct, id: string, props: SpreadProps) {
    super(scope, id, "region", props);
  }
}
