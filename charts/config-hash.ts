import { createHash } from "node:crypto";

/**
 * Returns a pod template annotation with a hash of ConfigMap data, so that a change of the data restarts the pods. For
 * programs that read their configuration only at startup.
 */
export function configHash(...data: readonly Readonly<Record<string, string>>[]): {
  readonly "checksum/config": string;
} {
  const sorted = data.map((entries) => Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { "checksum/config": createHash("sha256").update(JSON.stringify(sorted)).digest("hex") };
}
