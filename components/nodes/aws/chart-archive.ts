import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { ChartArchive, ChartSource } from "../../../charts/aws/programs";
import { projectFolder } from "../../project-folder";

/** Largest archive in KiB: it becomes part of a Kubernetes object, in base64, and etcd accepts requests of 1.5 MiB. */
const MAX_KIB = 1024;

export const isArchive = (source: ChartSource): source is ChartArchive => "archive" in source;

/** A problem with a field of a {@link ChartArchive}. */
export class ChartArchiveProblem extends Error {
  constructor(
    readonly field: keyof ChartArchive,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads an archive, and compares its digest. Relative paths start at the project.
 *
 * @returns the archive in base64
 * @throws ChartArchiveProblem if it cannot be read, is too large, or has another digest
 */
export function readChartArchive({ archive, sha256 }: ChartArchive): string {
  const file = resolve(projectFolder ?? process.cwd(), archive);
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ChartArchiveProblem(
      "archive",
      code === "ENOENT" ? `${file} does not exist` : `cannot read ${file}: ${code}`,
    );
  }
  const digest = createHash("sha256").update(content).digest("hex");
  if (digest !== sha256)
    throw new ChartArchiveProblem("sha256", `must be the SHA-256 of ${archive}, which is ${digest}, got ${sha256}`);
  if (content.length > MAX_KIB * 1024) {
    const size = Math.ceil(content.length / 1024);
    throw new ChartArchiveProblem(
      "archive",
      `must have at most ${MAX_KIB} KiB, got ${size} KiB: it becomes part of an object`,
    );
  }
  return content.toString("base64");
}
