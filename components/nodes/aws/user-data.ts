import { constants, gunzipSync, gzipSync } from "node:zlib";

/** Largest user data that EC2 accepts, in bytes, before its encoding as Base64. */
export const MAX_USER_DATA_BYTES = 16_384;

/** Position and value of the byte in a gzip header that names the operating system (RFC 1952): unknown, so that it is the same everywhere. */
const OPERATING_SYSTEM = { at: 9, unknown: 255 } as const;

/**
 * Returns the user data of a machine as EC2 takes it: compressed, which cloud-init recognizes, and in Base64.
 *
 * @throws Error if it is larger than EC2 accepts
 */
export function encodeUserData(name: string, userData: string): string {
  const compressed = gzipSync(userData, { level: constants.Z_BEST_COMPRESSION });
  compressed[OPERATING_SYSTEM.at] = OPERATING_SYSTEM.unknown;
  if (compressed.length <= MAX_USER_DATA_BYTES) return compressed.toString("base64");
  throw new Error(
    `user data of ${name}: must be at most ${MAX_USER_DATA_BYTES} bytes when compressed, got ${compressed.length}`,
  );
}

/** Reverts {@link encodeUserData}. */
export const decodeUserData = (encoded: string): string => gunzipSync(Buffer.from(encoded, "base64")).toString();
