import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { nodePoolObject } from "../../fleet/kubernetes/node-pool";
import type { ClusterSpec } from "../../fleet/model";
import { recordOrigin } from "../origins";
import { OWNED } from "./namespaces";

/** Fields of a node pool, by the path in its object that they determine. */
const FIELDS = {
  "metadata.name": "name",
  "spec.labels": "labels",
  "spec.taints": "taints",
  "spec.capacity": "capacity",
  "spec.count": "count",
};

/** Renders the node pools of a cluster as `FleetNodePool` objects, which the node controller reconciles. */
export class NodePoolsChart extends Chart {
  constructor(scope: Construct, id: string, { cluster }: { readonly cluster: ClusterSpec }) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    cluster.nodePools.forEach((pool, index) => {
      recordOrigin(new ApiObject(this, `pool-${pool.name}`, nodePoolObject(pool)), `nodePools[${index}]`, FIELDS);
    });
  }
}
