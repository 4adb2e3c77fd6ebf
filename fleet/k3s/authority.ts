import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import { createAuthority, issueCertificate, type KeyPair } from "../pki";

/** K3s's own authorities, by their path below `server/tls`. */
const LEAF_AUTHORITIES = ["server-ca", "client-ca", "request-header-ca", "etcd/peer-ca", "etcd/server-ca"] as const;

/** The life that K3s gives its own authorities, in years. */
const YEARS = { root: 20, intermediate: 10, leaf: 10 } as const;

/** The certificate authorities of one cluster. A root of its own: with a shared one, clusters would trust each other's clients. */
export interface ClusterAuthority {
  /** PEM files by their path below K3s's `server/tls`; the `.key` files are secrets. */
  readonly files: Readonly<Record<string, string>>;
  /** PEM; its hash is in every token. */
  readonly rootCertificate: string;
  /** The root's and the intermediate's keys: needed to rotate, never on a machine. Secrets. */
  readonly rootKey: string;
  readonly intermediateKey: string;
}

/**
 * Makes a root, an intermediate and the five authorities that K3s takes from `server/tls` before its first start, each
 * `.crt` with its chain, and the key that signs service account tokens.
 *
 * Layout: K3s documentation, "Using custom CA certificates".
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
  files["service.key"] = await rsaKey();
  return { files, rootCertificate: root.certificate, rootKey: root.key, intermediateKey: intermediate.key };
}

/** Kubernetes signs service account tokens with RSA or ECDSA; K3s expects RSA, PKCS#1. */
async function rsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }) as string;
}

/** The authority of a cluster's clients, out of its files. */
export function clientAuthority(files: Readonly<Record<string, string>>): KeyPair {
  return { certificate: files["client-ca.crt"] ?? "", key: files["client-ca.key"] ?? "" };
}

/** Issues a cluster administrator's client certificate by K3s's `client-ca`, as K3s does for its own kubeconfig. */
export function issueAdminCertificate(authority: KeyPair, days: number): Promise<KeyPair> {
  return issueCertificate(authority, {
    commonName: "system:admin",
    organization: "system:masters",
    usage: "client",
    days,
  });
}
