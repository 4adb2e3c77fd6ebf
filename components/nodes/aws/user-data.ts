/** Largest user data that EC2 accepts, in bytes. */
export const MAX_USER_DATA_BYTES = 16_384;

/**
 * Returns the user data of a machine.
 *
 * @throws Error if it is larger than EC2 accepts
 */
export function boundUserData(name: string, userData: string): string {
  const bytes = Buffer.byteLength(userData);
  if (bytes <= MAX_USER_DATA_BYTES) return userData;
  throw new Error(`user data of ${name}: must be at most ${MAX_USER_DATA_BYTES} bytes, got ${bytes}`);
}
