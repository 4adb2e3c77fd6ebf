import { App } from "cdk8s";
import { chartObjects } from "skerry/charts";
import type { Fleet, KubeObject } from "skerry/fleet";

import { InspectionChart } from "./charts/inspection";

/** Renders the inspection chart for a cluster. */
export function renderInspection(fleet: Fleet, cluster: string): KubeObject[] {
  return chartObjects(new InspectionChart(new App(), "inspection", { fleet, cluster, ports: ["hamburg", "antwerp"] }));
}
