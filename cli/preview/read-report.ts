import { readFile } from "node:fs/promises";

import { type PreviewReport, REPORT_VERSION } from "../../preview/report";

/**
 * Reads a JSON report that `skerry preview` wrote.
 *
 * @throws Error if it cannot be read, or is of another version
 */
export async function readReport(file: string): Promise<PreviewReport> {
  const text = await readFile(file, "utf8");
  let report: Partial<PreviewReport> | null;
  try {
    report = JSON.parse(text) as Partial<PreviewReport> | null;
  } catch (error) {
    throw new Error(`${file} must be a report that skerry preview --format json wrote: ${(error as Error).message}`);
  }
  if (report?.version !== REPORT_VERSION)
    throw new Error(`${file}: version must be ${REPORT_VERSION}, got ${String(report?.version ?? "none")}`);
  if (!report.expected)
    throw new Error(`${file} must be a report that skerry preview --format json wrote: it has no expected placements`);
  return report as PreviewReport;
}
