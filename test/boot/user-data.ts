import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";

import type { MachineRole } from "../../fleet/k3s/boot/unit";
import { SERVER_FILES } from "../../fleet/k3s/parameters";
import { agentUserData, type ClusterEndpoint, serverUserData } from "../../fleet/k3s/userdata";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { BUCKET, CLOUD_ADDRESS, REGION } from "./cloud";

export const PREFIX = "/skerry/test/frankfurt";
export const VERSION = "v1.36.3+k3s1";
const FOLDER = "k3s/v1.36.3+k3s1";

/** The stand-in for the binary of K3s. */
export const k3s = readFileSync(join(__dirname, "machine/k3s"), "utf8");
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
/** Key of the binary in the bucket. */
export const OBJECT = `${FOLDER}/k3s`;
export const S3_SOURCE = `s3://${BUCKET}/${FOLDER}`;

/** Parameters of the cluster, with values that must never be seen. */
export const parameters: Readonly<Record<string, string>> = Object.fromEntries(
  SERVER_FILES.map(({ parameter: name }) => [`${PREFIX}/${name}`, `secret-${sha256(name)}`]),
);

const localCluster = parseFleet(local).clusters[0]!;
const pool = localCluster.nodePools.find(({ taints }) => taints.length > 0)!;

export interface UserDataOptions {
  readonly sha256?: string;
  readonly source?: string;
  readonly node?: ClusterEndpoint["node"];
}

/** Renders the user data of a server or agent of the tests' cluster. */
export function userData(role: MachineRole, options: UserDataOptions = {}): string {
  const { source = S3_SOURCE, node } = options;
  const checksum = options.sha256 ?? sha256(k3s);
  const release = { version: VERSION, source, sha256: { amd64: checksum, arm64: checksum } };
  const cluster = { ...localCluster, k3s: release };
  const endpoint = {
    ...{ host: CLOUD_ADDRESS, port: 6443, parameters: { prefix: PREFIX, region: REGION } },
    ...(node && { node }),
  };
  return role === "server" ? serverUserData(cluster, endpoint) : agentUserData(cluster, pool, endpoint);
}
