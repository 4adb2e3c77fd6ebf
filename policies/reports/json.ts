import type { PolicyReport } from "../engine/report";

/** Renders the report as JSON. */
export const jsonReport = (report: PolicyReport): string => `${JSON.stringify(report, null, 2)}\n`;
