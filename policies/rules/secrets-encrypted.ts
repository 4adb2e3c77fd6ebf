import { type K3sConfig, serverConfig } from "../../fleet/k3s/config";
import type { ClusterSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

/** What stands where a real token will. */
const JOIN = { serverToken: "server", agentToken: "agent", host: "host" };

/** @param configOf what a cluster's servers are started with */
export const secretsEncryptedBy = (configOf: (cluster: ClusterSpec) => K3sConfig): FleetRule => ({
  subject: "fleet",
  id: "secrets-encrypted",
  title: "Every cluster encrypts the Secrets in its datastore",
  why: "Snapshots of the datastore are copied elsewhere: unencrypted, each of them holds every secret in plain text.",
  severity: "error",
  remedy: 'Start every server with "secrets-encryption": true in its K3s configuration, from its first start on.',
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) =>
      configOf(cluster)["secrets-encryption"] === true
        ? []
        : [
            {
              path: formatPath(["clusters", index]),
              message: `servers of ${cluster.name} start without secrets-encryption`,
            },
          ],
    ),
});

export const secretsEncrypted = secretsEncryptedBy((cluster) => serverConfig(cluster, JOIN));
