import { App } from "cdk8s";
import { chartObjects } from "skerry/charts";
import type { Fleet, KubeObject } from "skerry/fleet";

import { InspectionChart } from "./charts/inspection";

/** What looks through the cameras in one cluster, as plain objects. */
export function inspection(fleet: Fleet, cluster: string): KubeObject[] {
  return chartObjects(new InspectionChart(new App(), "inspection", { fleet, cluster, ports: ["hamburg", "antwerp"] }));
}
