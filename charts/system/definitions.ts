import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";

import { skerryDefinitions } from "../../fleet/kubernetes/definitions";
import { nameOf } from "../../fleet/kubernetes/object";
import { OWNED } from "./namespaces";

/** Renders the custom resource definitions of `FleetNodePool` and `NodeProfile`. */
export class DefinitionsChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    for (const definition of skerryDefinitions()) {
      new ApiObject(this, nameOf(definition), { ...definition, metadata: { ...definition.metadata } });
    }
  }
}
