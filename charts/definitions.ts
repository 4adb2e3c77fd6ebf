import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { parse } from "yaml";

import type { KubeObject } from "../fleet/kubernetes/object";
import { packageFolder } from "../fleet/package-folder";
import { OWNED } from "./system";

/** Where the Go code that uses a kind states its definition. */
const FILES = [
  "runtime/apis/nodepool/v1alpha1/nodepools.skerry.dev.yaml",
  "runtime/apis/nodeprofile/v1alpha1/nodeprofiles.skerry.dev.yaml",
];

/** What makes `NodePool` and `NodeProfile` kinds that the cluster knows. */
export class DefinitionsChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    for (const file of FILES) {
      const { metadata, ...definition } = parse(readFileSync(join(packageFolder, file), "utf8")) as KubeObject;
      new ApiObject(this, metadata.name, { ...definition, metadata: { ...metadata } });
    }
  }
}
