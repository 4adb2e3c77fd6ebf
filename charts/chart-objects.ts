import type { Chart } from "cdk8s";

import type { KubeObject } from "../fleet/kubernetes/object";

/**
 * Renders a chart to plain objects, which do not refer to its constructs.
 *
 * @param chart the chart to render
 * @throws Error if placements contradict each other or a construct is invalid
 */
export function chartObjects(chart: Chart): KubeObject[] {
  return JSON.parse(JSON.stringify(chart.toJson())) as KubeObject[];
}
