import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "versions");

/** What a minor version of Kubernetes says of its kinds. Written by generate.ts. */
export interface KubernetesSchema {
  readonly source: string;
  /** Name of the definition, by `apps/v1 Deployment`. */
  readonly kinds: Readonly<Record<string, string>>;
  /** OpenAPI schemas as `#/definitions/<name>` refers to them. */
  readonly definitions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Where the schema of a minor version stands. */
export const schemaFile = (minor: string): string => join(FOLDER, `kubernetes-${minor}.json`);

/** `1.36` of `1.36.3`, of `v1.36.3+k3s1` and of `1.36`; undefined of what is no version. */
export function minorOf(version: string): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(version)?.[1];
}

/** Minor versions that have a schema, oldest first. */
export function knownMinors(): string[] {
  return readdirSync(FOLDER)
    .flatMap((file) => /^kubernetes-(\d+\.\d+)\.json$/.exec(file)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The schema of one of {@link knownMinors}. */
export function kubernetesSchema(minor: string): KubernetesSchema {
  return JSON.parse(readFileSync(schemaFile(minor), "utf8")) as KubernetesSchema;
}
