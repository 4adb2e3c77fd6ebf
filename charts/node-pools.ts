import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { labels } from "../fleet/labels";
import type { Cluster } from "../fleet/model";
import { nodeLabels } from "../fleet/nodes";
import { stated } from "./origins";
import { OWNED } from "./system";

/** Fields of a pool, by the path in its object that follows from them. */
const FIELDS = {
  "metadata.name": "name",
  "spec.labels": "labels",
  "spec.taints": "taints",
  "spec.capacity": "capacity",
  "spec.count": "count",
};

/**
 * The cluster's node pools as objects, which the node controller keeps true. Nodes are found by the pool they say they
 * were born into, so that those of a scaling group, whose names nobody knows beforehand, are found too.
 */
export class NodePoolsChart extends Chart {
  constructor(scope: Construct, id: string, { cluster }: { readonly cluster: Cluster }) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    cluster.nodePools.forEach((pool, index) => {
      const made = new ApiObject(this, `pool-${pool.name}`, {
        apiVersion: "skerry.dev/v1alpha1",
        kind: "NodePool",
        metadata: { name: pool.name },
        spec: {
          selector: { registrationLabel: { key: labels.nodePool, value: pool.name } },
          labels: nodeLabels(pool),
          taints: pool.taints.map(({ key, value, effect }) => ({ key, value, effect })),
          capacity: { ...pool.capacity },
          count: pool.count,
        },
      });
      stated(made, `nodePools[${index}]`, FIELDS);
    });
  }
}
