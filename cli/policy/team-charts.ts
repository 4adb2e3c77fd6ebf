import type { TeamCharts } from "../../charts/team-charts";
import { loadExport } from "../../fleet/reading/load-module";
import { chartsFile } from "../project";
import { relativePath } from "./paths";
import { findInProject, firstLine } from "./project-module";

/**
 * Loads the team's charts; undefined if the project has none.
 *
 * @throws Error if the module cannot be read or exports no charts
 */
export function loadTeamCharts(): TeamCharts | undefined {
  const file = findInProject(chartsFile);
  if (file === undefined) return undefined;
  let charts: unknown;
  try {
    charts = loadExport(file, "charts");
  } catch (error) {
    throw new Error(`${relativePath(file)} cannot be read: ${firstLine(error)}`);
  }
  if (typeof charts === "function") return charts as TeamCharts;
  throw new Error(
    `${relativePath(file)}: must export charts, as default export or as \`charts\`: use defineCharts of skerry/charts`,
  );
}
