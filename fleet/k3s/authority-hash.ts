import "reflect-metadata";

import { createHash } from "node:crypto";

import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
} from "@peculiar/x509";

import { type Certificate, parseCertificates } from "../pki";

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Returns the hash that a K3s token contains for the certificate authority that a server presents, in 64 hex digits. A node
 * compares it before it sends its credentials. K3s has two rules:
 *
 * - If the bundle has one certificate, the hash is the SHA-256 of the literal bytes of the file.
 * - If it has more, the hash is the SHA-256 of the root certificate of its chain in DER, so that other authorities below the
 *   same root keep the hash. If the chain cannot be verified, the first rule applies.
 *
 * @param bundle content of `server/tls/server-ca.crt`, PEM
 * @param at the time at which the chain must be valid
 * @throws Error if the bundle contains no certificate
 */
export function authorityHash(bundle: string, at = new Date()): string {
  const [first, ...others] = parseCertificates(bundle);
  if (!first) throw new Error("the bundle of a certificate authority must contain a certificate in PEM");
  const root = others.length > 0 ? findRoot([first], others, at) : undefined;
  return sha256(root ? root.der : bundle);
}

/** Returns the root of the first valid chain that starts with `path`. */
function findRoot(path: readonly Certificate[], others: readonly Certificate[], at: Date): Certificate | undefined {
  const current = path.at(-1)!;
  if (!isValidAt(current, at)) return undefined;
  const parents = others.filter((other) => !path.includes(other) && isIssuer(other, current, path.length - 1));
  const root = parents.find((parent) => isRoot(parent) && isValidAt(parent, at) && isForServers([...path, parent]));
  if (root) return root;
  for (const parent of parents.filter((candidate) => !isRoot(candidate))) {
    const found = findRoot([...path, parent], others, at);
    if (found) return found;
  }
  return undefined;
}

const isValidAt = ({ parsed }: Certificate, at: Date): boolean => parsed.notBefore <= at && at <= parsed.notAfter;

/** Whether K3s treats a certificate as a root: it names no key of an authority, or its own key. */
function isRoot({ parsed }: Certificate): boolean {
  const authorityKey = parsed.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  return authorityKey === undefined || authorityKey === parsed.getExtension(SubjectKeyIdentifierExtension)?.keyId;
}

/** Whether an authority may have issued a certificate, and did. */
function isIssuer(authority: Certificate, certificate: Certificate, authoritiesBelow: number): boolean {
  const constraints = authority.parsed.getExtension(BasicConstraintsExtension);
  const usages = authority.parsed.getExtension(KeyUsagesExtension)?.usages;
  return (
    authority.parsed.subject === certificate.parsed.issuer &&
    constraints?.ca === true &&
    (constraints.pathLength === undefined || authoritiesBelow <= constraints.pathLength) &&
    (usages === undefined || (usages & KeyUsageFlags.keyCertSign) !== 0) &&
    certificate.node.verify(authority.node.publicKey)
  );
}

/** Whether every certificate of a chain allows server certificates: one without extended key usages allows all. */
const isForServers = (chain: readonly Certificate[]): boolean =>
  chain.every(({ parsed }) => {
    const usages = parsed.getExtension(ExtendedKeyUsageExtension)?.usages as string[] | undefined;
    return !usages || usages.includes(ExtendedKeyUsage.serverAuth) || usages.includes(ANY_USAGE);
  });

const ANY_USAGE = "2.5.29.37.0";
