import type { Construct } from "constructs";

import { Spread, type SpreadProps } from "./spread";

/**
 * Spreads a workload over nodes, so that one machine takes few of its pods with it.
 *
 * @example
 * new SpreadAcrossNodes(chart, "over-nodes", { workload: detector, whenUnsatisfiable: "DoNotSchedule" });
 */
export class SpreadAcrossNodes extends Spread {
  constructor(scope: Construct, id: string, props: SpreadProps) {
    super(scope, id, "node", props);
  }
}
