import type * as pulumi from "@pulumi/pulumi";

import type { ClusterSpec } from "../../fleet/model";
import { DynamicResource } from "../dynamic";
import { toServerSetState } from "./server-set-state";

/**
 * The number and kind of a cluster's servers as they were last deployed. It refuses, already in a preview, changes that would
 * lose the quorum or the data: fewer servers than before, unless environment variable `SKERRY_REMOVE_SERVERS` names the
 * cluster, and the replacement of a cluster's only server.
 */
export class ServerSet extends DynamicResource {
  constructor(name: string, cluster: ClusterSpec, opts: pulumi.CustomResourceOptions) {
    super("clusters:ServerSet", "components/clusters/server-set-operations", name, toServerSetState(cluster), opts);
  }
}
