import { KERNEL_PARAMETERS } from "../../fleet/k3s/hardening/settings";
import { machineRule } from "../k3s/machine-rule";

export const k3sKernelDefaultsProtected = machineRule({
  id: "k3s-kernel-defaults-protected",
  title: "Kubelets refuse a kernel with other parameters than they expect",
  why: "With other parameters, a node that runs out of memory may hang instead of restarting. Without the parameters in a file, a protected kubelet does not start.",
  severity: "error",
  remedy: `Set "protect-kernel-defaults": true, and write ${Object.keys(KERNEL_PARAMETERS).join(", ")} to a file in /etc/sysctl.d.`,
  controls: ["CIS 4.2.6 (version 1.7)"],
  requirements: [
    {
      setting: "kernel-defaults",
      check: ({ config, files }) => {
        const lines = Object.entries(files)
          .filter(([path]) => /^\/etc\/sysctl\.d\/.*\.conf$/.test(path))
          .flatMap(([, { content }]) => content.split("\n").map((line) => line.replaceAll(" ", "")));
        const missing = Object.entries(KERNEL_PARAMETERS)
          .map(([name, value]) => `${name}=${value}`)
          .filter((line) => !lines.includes(line));
        return [
          ...(config["protect-kernel-defaults"] === true ? [] : ["protect-kernel-defaults must be true"]),
          ...(missing.length === 0 ? [] : [`a file in /etc/sysctl.d must have ${missing.join(", ")}`]),
        ];
      },
    },
  ],
});
