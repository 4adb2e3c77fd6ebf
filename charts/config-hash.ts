import { createHash } from "node:crypto";

/**
 * Annotations for a pod template that reads its configuration only at start: when the data of its ConfigMaps change,
 * so does the annotation, and the pods are rolled.
 */
export function configHash(...data: readonly Readonly<Record<string, string>>[]): {
  readonly "checksum/config": string;
} {
  const sorted = data.map((entries) => Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { "checksum/config": createHash("sha256").update(JSON.stringify(sorted)).digest("hex") };
}
