import { request } from "node:https";

import type { KubeConfig } from "@kubernetes/client-node";

import type { SnapshotRequest } from "../../fleet/k3s/backup";
import { newestFirst, SNAPSHOT_KIND, type Snapshot, toSnapshot } from "../../fleet/k3s/snapshots";
import { tokenPassword } from "../../fleet/k3s/token";

/** Time limit for a snapshot with its upload, in ms: K3s' own limit for the upload, and a minute. */
const SAVE_TIMEOUT_MS = 6 * 60_000;

/**
 * Lists the snapshots that K3s has recorded, newest first.
 *
 * @throws Error if the cluster is not of K3s with etcd
 */
export async function listSnapshots(config: KubeConfig): Promise<Snapshot[]> {
  const { CustomObjectsApi } = await import("@kubernetes/client-node");
  try {
    const list = (await config.makeApiClient(CustomObjectsApi).listClusterCustomObject(SNAPSHOT_KIND)) as {
      readonly items: readonly Parameters<typeof toSnapshot>[0][];
    };
    return newestFirst(list.items.map(toSnapshot));
  } catch (error) {
    if ((error as { code?: unknown }).code !== 404) throw error;
    throw new Error("the cluster records no snapshots: its API server does not know the kind ETCDSnapshotFile of K3s");
  }
}

/**
 * Takes a snapshot now. K3s accepts the request only with the server token: the certificate of an administrator is not enough.
 *
 * @returns the names of the snapshot's files
 * @see https://docs.k3s.io/cli/etcd-snapshot
 */
export async function takeSnapshot(config: KubeConfig, serverToken: string, body: SnapshotRequest): Promise<string[]> {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig has no current cluster");
  const response = await post(new URL("/db/snapshot", cluster.server), {
    ca: Buffer.from(cluster.caData ?? "", "base64").toString(),
    authorization: `Basic ${Buffer.from(`server:${tokenPassword(serverToken)}`).toString("base64")}`,
    body: JSON.stringify(body),
  });
  const { created = [] } = JSON.parse(response) as { readonly created?: readonly string[] };
  if (created.length === 0) throw new Error("K3s took no snapshot");
  return [...created];
}

function post(url: URL, args: { readonly ca: string; readonly authorization: string; readonly body: string }) {
  return new Promise<string>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        ca: args.ca,
        timeout: SAVE_TIMEOUT_MS,
        headers: { authorization: args.authorization, "content-type": "application/json" },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("error", reject).on("end", () => {
          const { statusCode = 0 } = response;
          if (statusCode === 200) resolve(text);
          else reject(new Error(describeRefusal(statusCode, text)));
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${SAVE_TIMEOUT_MS / 1000} s`)));
    sent.on("error", reject).end(args.body);
  });
}

function describeRefusal(status: number, text: string): string {
  if (status === 401 || status === 403) return "K3s does not accept the server token";
  if (status === 404) return "this API server is not of K3s with etcd: it has no /db/snapshot";
  return `K3s refused the snapshot with status ${status}: ${text.slice(0, 500).trim()}`;
}
