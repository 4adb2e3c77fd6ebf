import { randomBytes, X509Certificate } from "node:crypto";

/** User of a token: with `server`, servers and agents can join; with `node`, only agents. */
export type TokenUser = "server" | "node";

/** Returns the SHA-256 of the root certificate in 64 hex digits, which K3s compares if the API server presents a chain. */
function rootHash(rootCertificate: string): string {
  return new X509Certificate(rootCertificate).fingerprint256.replaceAll(":", "").toLowerCase();
}

/**
 * Returns a K3s secure token, `K10<hash>::<user>:<password>`. The hash lets a joining node verify the server before it sends
 * the password.
 *
 * @see https://docs.k3s.io/cli/token#secure
 */
export function secureToken(rootCertificate: string, user: TokenUser, password: string): string {
  return `K10${rootHash(rootCertificate)}::${user}:${password}`;
}

/** Returns 128 random bits in 32 hex digits, the form of tokens that K3s generates. */
export function randomPassword(): string {
  return randomBytes(16).toString("hex");
}

/** Returns the password in a token of either form, `K10<hash>::<user>:<password>` or the password alone. */
export const tokenPassword = (token: string): string => /^K10[0-9a-f]{64}::[^:]*:(.+)$/s.exec(token)?.[1] ?? token;
