import { defineCharts } from "skerry/charts";

/**
 * Your own charts for each cluster, in addition to the fleet's objects: constructs of cdk8s, manifests with its `Include`,
 * or Helm charts with its `Helm`. `index.ts` deploys them; `skerry policy` and `skerry preview` find them in this file.
 *
 *   import { App } from "cdk8s";
 *
 *   export default defineCharts(({ fleet, cluster }) => [new InspectionChart(new App(), "inspection", { fleet, cluster })]);
 */
export default defineCharts(() => []);
