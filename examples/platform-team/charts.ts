import { App } from "cdk8s";
import { defineCharts } from "skerry/charts";

import { InspectionChart } from "./charts/inspection";

/** The team's charts, which `Site` deploys, and which `skerry policy` and `skerry preview` find in this file. */
export default defineCharts(({ fleet, cluster }) => [
  new InspectionChart(new App(), "inspection", { fleet, cluster, ports: ["hamburg", "antwerp"] }),
]);
