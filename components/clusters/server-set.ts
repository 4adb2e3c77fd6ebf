import type * as pulumi from "@pulumi/pulumi";

import type { ClusterSpec } from "../../fleet/model";
import { DynamicResource } from "../dynamic";

/**
 * The number and kind of a cluster's servers as they were last deployed. It refuses, already in a preview, changes that would
 * lose the quorum or the data: fewer servers than before, unless environment variable `SKERRY_REMOVE_SERVERS` names the
 * cluster, and the replacement of a cluster's only server.
 */
export class ServerSet extends DynamicResource {
  constructor(
    name: string,
    { name: cluster, servers, serverGeneration: generation, serverDevice: device }: ClusterSpec,
    opts: pulumi.CustomResourceOptions,
  ) {
    const props = { cluster, servers, generation, device };
    super("clusters:ServerSet", "components/clusters/server-set-operations", name, props, opts);
  }
}
