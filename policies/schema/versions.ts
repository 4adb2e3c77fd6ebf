import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "versions");

/** The schema of a minor version of Kubernetes. Written by generate.ts. */
export interface KubernetesSchema {
  readonly source: string;
  /** Names of definitions by kind, such as `apps/v1 Deployment`. */
  readonly kinds: Readonly<Record<string, string>>;
  /** OpenAPI schemas by name; a `$ref` refers to them as `#/definitions/<name>`. */
  readonly definitions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Returns the path of the schema of a minor version. */
export const schemaFile = (minor: string): string => join(FOLDER, `kubernetes-${minor}.json`);

/** Returns the minor version, such as `1.36` for `1.36.3`, `v1.36.3+k3s1` and `1.36`; undefined for an invalid version. */
export function minorOf(version: string): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(version)?.[1];
}

/** Returns the minor versions that have a schema, oldest first. */
export function knownMinors(): string[] {
  return readdirSync(FOLDER)
    .flatMap((file) => /^kubernetes-(\d+\.\d+)\.json$/.exec(file)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** Reads the schema of a minor version, one of {@link knownMinors}. */
export function kubernetesSchema(minor: string): KubernetesSchema {
  return JSON.parse(readFileSync(schemaFile(minor), "utf8")) as KubernetesSchema;
}
