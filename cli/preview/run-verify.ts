import { readFile, writeFile } from "node:fs/promises";

import { renderAgreementMarkdown, renderAgreementText } from "../../preview/output/agreement";
import type { AgreementSummary } from "../../preview/report";
import { AGREEMENT_VERSION, type AgreementReport, isKept } from "../../preview/verification/agreement";
import { summarizeAgreement, verifyReport } from "../../preview/verification/verify";
import { readSnapshot, takeSnapshot } from "../snapshot/take-snapshot";
import { EXIT } from "./exit";
import type { VerifyOptions } from "./options";
import { readReport } from "./read-report";

const RENDERERS: Readonly<Record<VerifyOptions["format"], (report: AgreementReport) => string>> = {
  table: renderAgreementText,
  markdown: renderAgreementMarkdown,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

/**
 * Runs `skerry verify`.
 *
 * @returns the exit code
 * @throws Error if the report or the clusters cannot be read, or belong to different fleets
 */
export async function runVerify(file: string, { snapshot, format, output }: VerifyOptions): Promise<number> {
  const report = await readReport(file);
  const agreement = verifyReport(report, snapshot === undefined ? await takeSnapshot() : await readSnapshot(snapshot));
  const text = RENDERERS[format](agreement);
  if (output === undefined) process.stdout.write(text);
  else await writeFile(output, text);
  return isKept(agreement) ? EXIT.fine : EXIT.concern;
}

/**
 * Reads what `skerry verify --format json` wrote, for the next report.
 *
 * @throws Error if it cannot be read, or is of another version or fleet
 */
export async function readAgreement(file: string, fleet: string): Promise<AgreementSummary> {
  const agreement = JSON.parse(await readFile(file, "utf8")) as { readonly version?: number };
  if (agreement.version !== AGREEMENT_VERSION)
    throw new Error(`${file}: version must be ${AGREEMENT_VERSION}, got ${agreement.version ?? "none"}`);
  return summarizeAgreement(agreement as AgreementReport, fleet);
}
