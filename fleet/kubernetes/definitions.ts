import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { packageFolder } from "../package-folder";
import type { KubeObject } from "./object";

/** Where the Go code that uses a kind states its definition. */
const FILES = [
  "runtime/apis/skerry/v1alpha1/nodepools.skerry.dev.yaml",
  "runtime/apis/skerry/v1alpha1/nodeprofiles.skerry.dev.yaml",
];

let read: readonly KubeObject[] | undefined;

/** The CustomResourceDefinitions that make `NodePool` and `NodeProfile` kinds that a cluster knows. */
export function skerryDefinitions(): readonly KubeObject[] {
  read ??= FILES.map((file) => parse(readFileSync(join(packageFolder, file), "utf8")) as KubeObject);
  return read;
}
