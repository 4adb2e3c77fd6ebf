import type { Chart } from "cdk8s";

import type { KubeObject } from "../fleet/kubernetes/object";

/**
 * The objects of a chart as plain data, which holds nothing of its constructs.
 *
 * @throws Error when placements in it contradict each other, or something else in it is not valid
 */
export function chartObjects(chart: Chart): KubeObject[] {
  return JSON.parse(JSON.stringify(chart.toJson())) as KubeObject[];
}
