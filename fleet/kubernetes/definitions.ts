import { readFileSync } from "node:fs";
import { join } from "node:path";

import { packageFolder } from "../package-folder";
import type { KubeObject } from "./object";
import { readDocument } from "./yaml";

/** Made of the Go types of the kinds by `make generate`. */
const FILES = [
  "runtime/apis/skerry/v1alpha1/skerry.dev_fleetnodepools.yaml",
  "runtime/apis/skerry/v1alpha1/skerry.dev_nodeprofiles.yaml",
];

let read: readonly KubeObject[] | undefined;

/** The CustomResourceDefinitions that make `FleetNodePool` and `NodeProfile` kinds that a cluster knows. */
export function skerryDefinitions(): readonly KubeObject[] {
  read ??= FILES.map((file) => readDocument(readFileSync(join(packageFolder, file), "utf8")).value as KubeObject);
  return read;
}
