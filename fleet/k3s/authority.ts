import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import { createAuthority, issueCertificate, type KeyPair } from "../pki";

/** The authorities of K3s, by their path below `server/tls`. */
const LEAF_AUTHORITIES = ["server-ca", "client-ca", "request-header-ca", "etcd/peer-ca", "etcd/server-ca"] as const;

/** Validity in years, as for the authorities that K3s creates. */
const YEARS = { root: 20, intermediate: 10, leaf: 10 } as const;

/** The certificate authorities of one cluster. Each cluster has its own root: with a shared one, clusters would trust each other's clients. */
export interface ClusterAuthority {
  /** PEM files by their path below K3s's `server/tls`; the `.key` files are secrets. */
  readonly files: Readonly<Record<string, string>>;
  /** PEM. Tokens contain its hash. */
  readonly rootCertificate: string;
  /** PEM. Needed to rotate the authorities, and never copied to a machine. Secret. */
  readonly rootKey: string;
  /** PEM. Needed to rotate the authorities, and never copied to a machine. Secret. */
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
