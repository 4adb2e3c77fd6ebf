import { randomBytes, X509Certificate } from "node:crypto";

/** Who a token lets in: `server` joins as a server or an agent, `node` as an agent only. */
export type TokenUser = "server" | "node";

/** SHA-256 of the root certificate's DER, 64 hex digits: what K3s compares when the served bundle is a chain. */
export function rootHash(rootCertificate: string): string {
  return new X509Certificate(rootCertificate).fingerprint256.replaceAll(":", "").toLowerCase();
}

/** K3s's secure token, `K10<hash>::<user>:<password>`: who joins by it checks the server before saying the password. */
export function secureToken(rootCertificate: string, user: TokenUser, password: string): string {
  return `K10${rootHash(rootCertificate)}::${user}:${password}`;
}

/** 128 random bits as 32 hex digits, the form of K3s's own tokens. */
export function randomPassword(): string {
  return randomBytes(16).toString("hex");
}
