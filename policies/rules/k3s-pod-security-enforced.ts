import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";
import { admissionPlugin } from "../k3s/rendered-machines";

const LEVELS = ["baseline", "restricted"];
/** Namespaces in which K3s runs its own programs. */
const EXEMPT = ["kube-system"];

interface PodSecurity {
  readonly defaults?: { readonly enforce?: string };
  readonly exemptions?: Readonly<Record<string, readonly string[] | undefined>>;
}

export const k3sPodSecurityEnforced = machineRule({
  id: "k3s-pod-security-enforced",
  title: "API servers enforce pod security in every namespace",
  why: "Without a default level, a namespace that lacks a label admits privileged pods, which control their node.",
  severity: "error",
  remedy:
    "Configure the plugin PodSecurity in admission-control-config-file: enforce baseline or restricted by default, and exempt only kube-system.",
  controls: ["CIS 5.2.1", "CIS 5.2.2", "CIS 5.2.3", "CIS 5.2.4", "CIS 5.2.5", "CIS 5.2.10", "CIS 5.2.11", "CIS 5.2.12"],
  requirements: [
    {
      setting: "pod-security",
      role: "server",
      check: (machine) => {
        const { defaults, exemptions = {} } = (admissionPlugin(machine, "PodSecurity") ?? {}) as PodSecurity;
        const enforced = defaults?.enforce;
        const exempt = Object.values(exemptions).flatMap((names) => names ?? []);
        const unexpected = exempt.filter((name) => !EXEMPT.includes(name));
        return [
          ...(enforced !== undefined && LEVELS.includes(enforced)
            ? []
            : [`the default level of PodSecurity must be one of: ${LEVELS.join(", ")}, got ${formatValue(enforced)}`]),
          ...(unexpected.length === 0
            ? []
            : [`PodSecurity must exempt only kube-system, got ${unexpected.join(", ")}`]),
        ];
      },
    },
  ],
});
