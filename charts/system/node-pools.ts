import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { nodePoolObject } from "../../fleet/kubernetes/node-pool";
import type { ClusterSpec } from "../../fleet/model";
import { stated } from "../origins";
import { OWNED } from "./namespaces";

/** Fields of a pool, by the path in its object that follows from them. */
const FIELDS = {
  "metadata.name": "name",
  "spec.labels": "labels",
  "spec.taints": "taints",
  "spec.capacity": "capacity",
  "spec.count": "count",
};

/** The cluster's node pools as objects, which the node controller keeps true. */
export class NodePoolsChart extends Chart {
  constructor(scope: Construct, id: string, { cluster }: { readonly cluster: ClusterSpec }) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    cluster.nodePools.forEach((pool, index) => {
      stated(new ApiObject(this, `pool-${pool.name}`, nodePoolObject(pool)), `nodePools[${index}]`, FIELDS);
    });
  }
}
