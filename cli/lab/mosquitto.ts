import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Folders where distributions install the broker, and which may not be on PATH. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];

/** Returns the path of Mosquitto, or undefined if it is not installed. */
export async function findMosquitto(): Promise<string | undefined> {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...SYSTEM_FOLDERS]) {
    const path = join(folder, "mosquitto");
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
