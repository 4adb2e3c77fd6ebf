import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";

/** Folders whose files contain credentials, or decide about who may do what. */
const PRIVATE = /^\/(etc\/(rancher|skerry)|var\/lib\/rancher)\//;
/** Readable, writable or executable for others than the owner. */
const isOpen = (mode: string): boolean => (Number.parseInt(mode, 8) & 0o077) !== 0;

export const k3sFilesPrivate = machineRule({
  id: "k3s-files-private",
  title: "Only root can read the files of K3s",
  why: "With the kubeconfig of the administrator or a join token, every process on a server controls the cluster.",
  severity: "error",
  remedy: 'Set "write-kubeconfig-mode": "0600", and write files of K3s with permissions "0600".',
  controls: ["CIS 1.1.13", "CIS 1.1.21", "CIS 4.1.5"],
  requirements: [
    {
      setting: "kubeconfig-mode",
      role: "server",
      check: ({ config: { "write-kubeconfig-mode": mode } }) =>
        // K3s' own default is 0600.
        typeof mode === "string" && !isOpen(mode)
          ? []
          : [`write-kubeconfig-mode must be "0600", got ${formatValue(mode)}`],
    },
    {
      check: ({ files }) =>
        Object.entries(files)
          .filter(([path, { permissions }]) => PRIVATE.test(path) && isOpen(permissions))
          .map(([path, { permissions }]) => `${path} must have permissions "0600", got ${formatValue(permissions)}`),
    },
  ],
});
