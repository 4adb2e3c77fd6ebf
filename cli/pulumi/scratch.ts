import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { skerryHome } from "../folders";

/** Folder for temporary files of Pulumi, its plugins and the program. Only the user can read it. */
const scratchFolder = join(skerryHome, "pulumi", "tmp");

/**
 * Creates the scratch folder and deletes credentials in it, now and when this process exits. Pulumi's Kubernetes
 * provider writes each kubeconfig to a temporary file, which only Helm charts read, and never deletes it.
 */
export function prepareScratch(): string {
  mkdirSync(scratchFolder, { recursive: true, mode: 0o700 });
  deleteCredentials();
  process.once("exit", deleteCredentials);
  return scratchFolder;
}

function deleteCredentials(): void {
  // `skerry down` deletes the whole folder.
  if (!existsSync(scratchFolder)) return;
  const kubeconfigs = readdirSync(scratchFolder).filter((name) => name.startsWith("kubeconfig"));
  for (const name of kubeconfigs) rmSync(join(scratchFolder, name), { force: true });
}
