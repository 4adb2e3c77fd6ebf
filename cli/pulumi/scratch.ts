import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { skerryHome } from "../folders";

/** Where Pulumi, its plugins and the program put temporary files: nobody else can look into it. */
export const scratchFolder = join(skerryHome, "pulumi", "tmp");

/**
 * Makes the scratch folder, and empties it of credentials now and when this process ends: the Kubernetes provider
 * writes each cluster's kubeconfig into a temporary file and never removes it. (Only Helm charts would read it.)
 */
export function prepareScratch(): string {
  mkdirSync(scratchFolder, { recursive: true, mode: 0o700 });
  dropCredentials();
  process.once("exit", dropCredentials);
  return scratchFolder;
}

function dropCredentials(): void {
  // `down` removes the folder as a whole.
  if (!existsSync(scratchFolder)) return;
  const left = readdirSync(scratchFolder).filter((name) => name.startsWith("kubeconfig"));
  for (const name of left) rmSync(join(scratchFolder, name), { force: true });
}
