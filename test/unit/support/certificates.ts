import "reflect-metadata";

import { randomBytes, webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

/** A certificate for tests, which may be invalid on purpose. */
export interface TestCertificate {
  readonly pem: string;
  readonly der: Buffer;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly subject: string;
}

export interface TestCertificateOptions {
  /** @default - self-signed */
  readonly issuer?: TestCertificate;
  /** Signs the certificate. @default - the issuer, or the certificate's own key */
  readonly signer?: webcrypto.CryptoKeyPair;
  /** @default true */
  readonly authority?: boolean;
  /** @default - no limit */
  readonly pathLength?: number;
  /** Days from now, negative if it has expired. @default 1 */
  readonly days?: number;
  readonly usages?: readonly x509.ExtendedKeyUsageType[];
  /** Whether the certificate names the keys of itself and of its issuer. @default true */
  readonly keyIdentifiers?: boolean;
}

export const createKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

export async function createTestCertificate(
  name: string,
  {
    issuer,
    signer,
    authority = true,
    pathLength,
    days = 1,
    usages,
    keyIdentifiers = true,
  }: TestCertificateOptions = {},
): Promise<TestCertificate> {
  const keys = await createKeys();
  const subject = `CN=${name}`;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `00${randomBytes(8).toString("hex")}`,
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(Date.now() - 10 * DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: (signer ?? issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(authority, pathLength, true),
      ...(usages ? [new x509.ExtendedKeyUsageExtension([...usages])] : []),
      ...(keyIdentifiers
        ? [
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
            await x509.AuthorityKeyIdentifierExtension.create((issuer?.keys ?? keys).publicKey),
          ]
        : []),
    ],
  });
  return { pem: `${certificate.toString("pem")}\n`, der: Buffer.from(certificate.rawData), keys, subject };
}
