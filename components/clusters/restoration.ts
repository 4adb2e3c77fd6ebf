import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic";
import type { OrderedRestore } from "./ordered-restore";

/**
 * The last restore of a cluster. The servers are replaced together with it (`replaceWith`): when an update restores the cluster,
 * Pulumi deletes all of them, and then creates them in their order. Updates that restore nothing keep it as it is.
 */
export class Restoration extends DynamicResource {
  constructor(name: string, cluster: string, restore: OrderedRestore | undefined, opts: pulumi.CustomResourceOptions) {
    const { id, snapshot } = restore ?? {};
    super(
      "clusters:Restoration",
      "components/clusters/restoration-operations",
      name,
      { cluster, ...(id !== undefined && { restore: id, snapshot }) },
      opts,
    );
  }
}
