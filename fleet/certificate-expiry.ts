import { X509Certificate } from "node:crypto";

/** A certificate must be valid for at least this number of days: Skerry and K3s renew it long before. */
export const MIN_VALID_DAYS = 30;

const DAY_MS = 86_400_000;

/** Who a certificate is for, and until when it is valid. */
export interface CertificateExpiry {
  /** Common name, or the whole subject. */
  readonly subject: string;
  readonly expires: Date;
}

/** Longest text of a certificate, in characters. A longer one is not read. */
const MAX_CERTIFICATE = 100_000;
const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/** Returns the PEM blocks of the certificates in a text. */
export function certificateBlocks(text: string): string[] {
  const blocks: string[] = [];
  for (let start = text.indexOf(BEGIN); start >= 0;) {
    const end = text.indexOf(END, start);
    if (end < 0) break;
    if (end - start < MAX_CERTIFICATE) blocks.push(text.slice(start, end + END.length));
    start = text.indexOf(BEGIN, end);
  }
  return blocks;
}

/** Returns the expiry of every certificate in a PEM bundle, in its order. Skips malformed ones. */
export function certificateExpiries(pem: string): CertificateExpiry[] {
  return certificateBlocks(pem).flatMap((block) => {
    try {
      const { subject, validTo } = new X509Certificate(block);
      return { subject: /^CN=(.*)$/m.exec(subject)?.[1] ?? subject, expires: new Date(validTo) };
    } catch {
      return [];
    }
  });
}

/** Returns the number of whole days until a time, negative if it has passed. */
export const daysUntil = (time: Date, now: Date): number => Math.floor((time.getTime() - now.getTime()) / DAY_MS);
