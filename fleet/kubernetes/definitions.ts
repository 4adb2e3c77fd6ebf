import { readFileSync } from "node:fs";
import { join } from "node:path";

import { packageFolder } from "../package-folder";
import type { KubeObject } from "./object";
import { readDocument } from "./yaml";

/** Generated from the Go types of the kinds by `make generate`. */
const FILES = [
  "runtime/apis/skerry/v1alpha1/skerry.dev_fleetnodepools.yaml",
  "runtime/apis/skerry/v1alpha1/skerry.dev_nodeprofiles.yaml",
];

let cache: readonly KubeObject[] | undefined;

/** Returns the CustomResourceDefinitions of `FleetNodePool` and `NodeProfile`. */
export function skerryDefinitions(): readonly KubeObject[] {
  cache ??= FILES.map((file) => readDocument(readFileSync(join(packageFolder, file), "utf8")).value as KubeObject);
  return cache;
}
