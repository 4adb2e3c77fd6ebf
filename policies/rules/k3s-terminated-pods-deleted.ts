import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";
import { argumentsOf } from "../k3s/rendered-machines";

const ARGUMENT = "terminated-pod-gc-threshold";
/** Default of Kubernetes, which the benchmark considers too high. */
const DEFAULT = 12_500;

export const k3sTerminatedPodsDeleted = machineRule({
  id: "k3s-terminated-pods-deleted",
  title: "Clusters delete terminated pods",
  why: "Terminated pods stay in etcd until there are too many of them. Small servers run out of memory and disk before.",
  severity: "error",
  remedy: `Set ${ARGUMENT} in kube-controller-manager-arg, such as 100.`,
  controls: ["CIS 1.3.1"],
  requirements: [
    {
      setting: "terminated-pods",
      role: "server",
      check: (machine) => {
        const value = argumentsOf(machine, "kube-controller-manager")[ARGUMENT];
        return Number(value) > 0 && Number(value) < DEFAULT
          ? []
          : [
              `${ARGUMENT} in kube-controller-manager-arg must be between 1 and ${DEFAULT - 1}, got ${formatValue(value)}`,
            ];
      },
    },
  ],
});
