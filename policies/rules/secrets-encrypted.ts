import { type K3sConfig, serverConfig } from "../../fleet/k3s/config";
import type { ClusterSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

/** @param configOf returns the K3s configuration of a cluster's servers */
export const requireEncryptionIn = (configOf: (cluster: ClusterSpec) => K3sConfig): FleetRule => ({
  subject: "fleet",
  id: "secrets-encrypted",
  title: "Clusters encrypt Secrets at rest",
  why: "Snapshots of the datastore are copied to other places. Without encryption, each of them contains every Secret in plain text.",
  severity: "error",
  remedy: 'Set "secrets-encryption": true in the K3s configuration of every server, from its first start.',
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) =>
      configOf(cluster)["secrets-encryption"] === true
        ? []
        : [
            {
              path: formatPath(["clusters", index]),
              message: `secrets-encryption must be true for the servers of ${cluster.name}`,
            },
          ],
    ),
});

export const secretsEncrypted = requireEncryptionIn((cluster) => serverConfig(cluster, "host"));
