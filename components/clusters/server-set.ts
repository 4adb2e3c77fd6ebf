import type * as pulumi from "@pulumi/pulumi";

import type { RestoreOrder } from "../../fleet/k3s/server-start";
import type { ClusterSpec } from "../../fleet/model";
import { DynamicResource } from "../dynamic";
import { toServerSetState } from "./server-set-state";

/**
 * The number and kind of a cluster's servers as they were last deployed. It refuses, already in a preview, changes that would
 * lose the quorum or the data: fewer servers than before, unless environment variable `SKERRY_REMOVE_SERVERS` names the
 * cluster, and the replacement of a cluster's only server. It also records that the cluster is being restored, before the first server
 * is deleted, and refuses updates until `skerry cluster restore` has finished.
 */
export class ServerSet extends DynamicResource {
  /** @param restore the restore that this update carries out */
  constructor(
    name: string,
    cluster: ClusterSpec,
    restore: Pick<RestoreOrder, "id" | "snapshot"> | undefined,
    opts: pulumi.CustomResourceOptions,
  ) {
    const restoring = restore && { id: restore.id, snapshot: restore.snapshot };
    const state = { ...toServerSetState(cluster), ...(restoring && { restoring }) };
    super("clusters:ServerSet", "components/clusters/server-set-operations", name, state, opts);
  }
}
