import "reflect-metadata";

import { randomBytes, webcrypto, X509Certificate } from "node:crypto";

import * as x509 from "@peculiar/x509";

import { certificateBlocks } from "./certificate-expiry";

x509.cryptoProvider.set(webcrypto as never);

/** Elliptic-curve keys, as K3s uses them: small, and fast on a Raspberry Pi. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Clocks of devices without a battery run late, so certificates are valid from one hour before they are issued. */
const BACKDATED_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A certificate and its private key, both PEM. The key is a secret. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Formats a private key as PKCS#8 PEM. */
async function formatKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

async function parseSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey("pkcs8", der!, ALGORITHM, true, ["sign"]);
}

/** One certificate of a bundle, with two views on it: one knows its extensions, and the other verifies its signature. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly parsed: x509.X509Certificate;
  readonly node: X509Certificate;
}

/**
 * Parses the certificates of a PEM bundle, in their order. Skips everything else, such as private keys.
 *
 * @throws Error if a certificate is malformed
 */
export function parseCertificates(pem: string): Certificate[] {
  return certificateBlocks(pem).map((block) => {
    const node = new X509Certificate(block);
    return { der: node.raw, parsed: new x509.X509Certificate(node.raw), node };
  });
}

/** Parses the first certificate of a PEM bundle. */
const parseLeaf = (pem: string): x509.X509Certificate => parseCertificates(pem)[0]!.parsed;

/** Returns when the first certificate of a PEM bundle expires. */
export const expiryOf = (pem: string): Date => parseLeaf(pem).notAfter;

function subject(commonName: string, organization?: string): x509.JsonName {
  return [...(organization ? [{ O: [organization] }] : []), { CN: [commonName] }];
}

const generateSerial = (): string => `00${randomBytes(15).toString("hex")}`;

export interface AuthorityRequest {
  readonly commonName: string;
  /** @default - no organization */
  readonly organization?: string;
  /** Validity in years. @default 10 */
  readonly years?: number;
  /** Authority that signs the certificate. @default - self-signed */
  readonly parent?: KeyPair;
}

/** Creates a certificate authority with a key on curve P-256. */
export async function createAuthority(request: AuthorityRequest): Promise<KeyPair> {
  const { commonName, organization, years = 10, parent } = request;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issuer = parent && parseLeaf(parent.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: generateSerial(),
    subject: subject(commonName, organization),
    issuer: issuer?.subjectName ?? subject(commonName, organization),
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter: new Date(Date.now() + years * 365 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: parent ? await parseSigningKey(parent.key) : keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await formatKey(keys.privateKey) };
}

export interface CertificateRequest {
  readonly commonName: string;
  /** @default - no organization */
  readonly organization?: string;
  /** @default [] */
  readonly dnsNames?: readonly string[];
  /** @default [] */
  readonly ipAddresses?: readonly string[];
  readonly usage: "server" | "client" | "both";
  /** Validity in days. */
  readonly days: number;
}

/** Issues a certificate with a new key. The result has the leaf certificate only, without the chain. */
export async function issueCertificate(authority: KeyPair, request: CertificateRequest): Promise<KeyPair> {
  const { commonName, organization, dnsNames = [], ipAddresses = [], usage, days } = request;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issuer = parseLeaf(authority.certificate);
  const usages = [
    ...(usage === "client" ? [] : [x509.ExtendedKeyUsage.serverAuth]),
    ...(usage === "server" ? [] : [x509.ExtendedKeyUsage.clientAuth]),
  ];
  const names = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: generateSerial(),
    subject: subject(commonName, organization),
    issuer: issuer.subjectName,
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: await parseSigningKey(authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await formatKey(keys.privateKey) };
}
