import type { PolicyReport } from "../engine/report";

/** The report itself. */
export const jsonReport = (report: PolicyReport): string => `${JSON.stringify(report, null, 2)}\n`;
