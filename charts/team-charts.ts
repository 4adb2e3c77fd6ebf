import { Chart } from "cdk8s";

import type { Fleet } from "../fleet/model";

/** The cluster that charts are rendered for. */
export interface ChartTarget {
  readonly fleet: Fleet;
  /** Name of a cluster of the fleet. */
  readonly cluster: string;
}

/**
 * Creates a team's own charts for one cluster; none for a cluster that gets no objects. Equal arguments must give equal
 * charts.
 *
 * @param target the cluster, and its fleet
 */
export type TeamCharts = (target: ChartTarget) => readonly Chart[];

/**
 * Declares the charts that a team adds to a fleet. `renderFleet` renders them with the fleet's objects if they are in its
 * option `charts`, and the command finds the default export of the project's `charts.ts`: one declaration serves
 * `pulumi up`, `skerry policy` and `skerry preview`.
 *
 * @param charts creates the charts of one cluster
 */
export const defineCharts = (charts: TeamCharts): TeamCharts => charts;

/**
 * Creates a team's charts for a cluster.
 *
 * @throws Error that names the cluster, if the team's function throws or returns anything but charts
 */
export function createTeamCharts(charts: TeamCharts, target: ChartTarget): readonly Chart[] {
  const where = `charts of cluster ${target.cluster}`;
  let created: unknown;
  try {
    created = charts(target);
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(created)) throw new Error(`${where}: must be a list of charts`);
  const index = created.findIndex((chart) => !Chart.isChart(chart));
  if (index >= 0) throw new Error(`${where}: [${index}] must be a Chart of cdk8s`);
  return created as readonly Chart[];
}
