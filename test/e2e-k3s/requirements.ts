import { spawnSync } from "node:child_process";

import { KUBERNETES_VERSION } from "../../fleet/kubernetes/version";

/** Returns why the tests with a real K3s cannot run here, or undefined if they can. */
export function missingK3s(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  const { status, stdout } = spawnSync("k3s", ["--version"], { encoding: "utf8" });
  if (status !== 0) return `needs k3s ${KUBERNETES_VERSION} on PATH`;
  if (!stdout.includes(`v${KUBERNETES_VERSION}+k3s`)) {
    return `needs k3s ${KUBERNETES_VERSION} on PATH, got ${stdout.split("\n")[0]}`;
  }
  return undefined;
}
