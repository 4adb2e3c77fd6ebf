import { createRequire } from "node:module";

import type * as zod from "zod";

import { formatPath } from "../../fleet/problem";
import { type PreviewReport, REPORT_VERSION } from "../../preview/report";
import { readDocument } from "../read-document";

const load = createRequire(__filename);

/**
 * Reads a JSON report that an earlier run wrote.
 *
 * @throws Error if it cannot be read, is of another version, or does not match the schema of reports
 */
export async function readReport(file: string): Promise<PreviewReport> {
  const remedy = "write it with skerry preview --format json";
  const report = await readDocument(file, REPORT_VERSION, remedy);
  // Loaded on demand: only this option needs them.
  const { z } = load("zod") as typeof zod;
  const schema = z.fromJSONSchema(load("../../preview/report.schema.json") as Parameters<typeof z.fromJSONSchema>[0]);
  const { error } = schema.safeParse(report);
  if (!error) return report as unknown as PreviewReport;
  const [{ path, message }] = error.issues as [(typeof error.issues)[number]];
  throw new Error(`${file} is no report: ${formatPath(path)}: ${message}: ${remedy}`);
}
