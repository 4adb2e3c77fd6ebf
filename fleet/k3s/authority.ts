import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import { createAuthority, issueCertificate, type KeyPair } from "../pki";

/** The authorities of K3s, by their path below `server/tls`. */
const LEAF_AUTHORITIES = ["server-ca", "client-ca", "request-header-ca", "etcd/peer-ca", "etcd/server-ca"] as const;

/** The files of a cluster's authorities, by their path below K3s' `server/tls`. Every server of the cluster needs all of them. */
export const SERVER_TLS_FILES: readonly string[] = [
  ...LEAF_AUTHORITIES.flatMap((path) => [`${path}.crt`, `${path}.key`]),
  "service.key",
];

/** Validity in years, as for the authorities that K3s creates. */
const YEARS = { root: 20, intermediate: 10, leaf: 10 } as const;

/** The certificate authorities of one cluster. Each cluster has its own root: with a shared one, clusters would trust each other's clients. */
export interface ClusterAuthority {
  /** PEM files by their path below K3s' `server/tls`, one per {@link SERVER_TLS_FILES}. The `.key` files are secrets. */
  readonly files: Readonly<Record<string, string>>;
  /** PEM. */
  readonly rootCertificate: string;
  /**
   * PEM. Never copied to a machine. New authorities that chain to the same root can replace the current ones while agents
   * keep their tokens. Secret.
   */
  readonly rootKey: string;
  /** PEM. Signs the authorities of the cluster. Never copied to a machine. Secret. */
  readonly intermediateKey: string;
}

/**
 * Creates the files that K3s reads from `server/tls` at its first start: the certificates of five authorities with their
 * chain to a new root, their keys, and the key that signs service account tokens.
 *
 * @see https://docs.k3s.io/cli/certificate#using-custom-ca-certificates
 */
export async function createClusterAuthority(cluster: string): Promise<ClusterAuthority> {
  const root = await createAuthority({ commonName: `${cluster} root`, years: YEARS.root });
  const intermediate = await createAuthority({
    commonName: `${cluster} intermediate`,
    years: YEARS.intermediate,
    parent: root,
  });
  const files: Record<string, string> = {};
  for (const path of LEAF_AUTHORITIES) {
    const name = path.replace("/", "-");
    const leaf = await createAuthority({ commonName: `${cluster} ${name}`, years: YEARS.leaf, parent: intermediate });
    files[`${path}.crt`] = leaf.certificate + intermediate.certificate + root.certificate;
    files[`${path}.key`] = leaf.key;
  }
  files["service.key"] = await generateRsaKey();
  return { files, rootCertificate: root.certificate, rootKey: root.key, intermediateKey: intermediate.key };
}

/** Generates the key for service account tokens. K3s expects RSA in PKCS#1. */
async function generateRsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }) as string;
}

/** Returns the authority of a cluster's clients from the files of the cluster. */
export function clientAuthority(files: Readonly<Record<string, string>>): KeyPair {
  return { certificate: files["client-ca.crt"] ?? "", key: files["client-ca.key"] ?? "" };
}

/** Issues a client certificate for a cluster administrator, as K3s does for its own kubeconfig. */
export function issueAdminCertificate(authority: KeyPair, days: number): Promise<KeyPair> {
  return issueCertificate(authority, {
    commonName: "system:admin",
    organization: "system:masters",
    usage: "client",
    days,
  });
}
