import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";

import { hardeningObjects } from "../../fleet/k3s/hardening/objects";
import { objectId } from "../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../fleet/model";
import { OWNED } from "./namespaces";

/** Props of {@link HardeningChart}. */
export interface HardeningProps {
  readonly cluster: ClusterSpec;
}

/** Renders the Kubernetes objects of a cluster's hardening settings: network policies of the namespaces of K3s. */
export class HardeningChart extends Chart {
  constructor(scope: Construct, id: string, { cluster }: HardeningProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    for (const { metadata, ...object } of hardeningObjects(cluster)) {
      new ApiObject(this, objectId({ ...object, metadata }), { ...object, metadata: { ...metadata } });
    }
  }
}
