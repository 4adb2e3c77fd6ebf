import { stringify } from "yaml";

import { BOOT_COMMANDS, bootFiles } from "./boot/files";
import { K3S_UNITS, type MachineRole } from "./boot/unit";
import type { WrittenFile } from "./written-file";

/** Most bytes of user data that EC2 accepts, before it is encoded in base64. */
export const MAX_USER_DATA_BYTES = 16_384;

/** Thrown for user data that no machine would accept. */
export class UserDataError extends Error {}

/**
 * Renders the cloud-init user data of a machine: its files, the boot program, and the command that starts K3s.
 *
 * The text is not compressed as a whole: compressors differ between versions of Node.js, and the same fleet must always
 * render the same bytes.
 */
export function renderCloudConfig(role: MachineRole, files: readonly WrittenFile[]): string {
  const body = {
    bootcmd: BOOT_COMMANDS,
    write_files: [...files, ...bootFiles(role)].map(({ path, content, permissions = "0600", encoding }) => ({
      path,
      owner: "root:root",
      permissions,
      ...(encoding ? { encoding } : {}),
      content,
    })),
    // With --no-block, cloud-init finishes even if K3s cannot reach its cluster yet.
    runcmd: [["systemctl", "enable", "--now", "--no-block", K3S_UNITS[role]]],
  };
  return `#cloud-config\n${stringify(body, { lineWidth: 0, indentSeq: false })}`;
}

/**
 * Throws if EC2 would not accept user data.
 *
 * @param subject the machines that get it, for the message, such as `the servers of frankfurt`
 * @throws UserDataError
 */
export function checkUserDataSize(userData: string, subject: string): void {
  const bytes = Buffer.byteLength(userData);
  if (bytes > MAX_USER_DATA_BYTES) {
    throw new UserDataError(
      `user data of ${subject}: must be at most ${MAX_USER_DATA_BYTES} bytes, got ${bytes}: use fewer or shorter labels and taints`,
    );
  }
}
