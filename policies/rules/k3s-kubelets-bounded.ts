import { formatValue } from "../../fleet/problem";
import type { HardeningSettingId } from "../../fleet/k3s/hardening/settings";
import { machineRule, type MachineRequirement } from "../k3s/machine-rule";
import { argumentsOf } from "../k3s/rendered-machines";

const requirement = (
  setting: HardeningSettingId,
  argument: string,
  rule: string,
  isValid: (value: string) => boolean,
): MachineRequirement => ({
  setting,
  check: (machine) => {
    const value = argumentsOf(machine, "kubelet")[argument];
    return value !== undefined && isValid(value)
      ? []
      : [`${argument} in kubelet-arg must be ${rule}, got ${formatValue(value)}`];
  },
});

export const k3sKubeletsBounded = machineRule({
  id: "k3s-kubelets-bounded",
  title: "Kubelets limit what a pod can take from its node",
  why: "Without limits, one pod can use every process id of its node, keep connections open without end, and use every system call.",
  severity: "error",
  remedy: "Set streaming-connection-idle-timeout, pod-max-pids and seccomp-default in kubelet-arg.",
  controls: ["CIS 4.2.5", "CIS 4.2.13", "CIS 4.2.14"],
  requirements: [
    requirement("streaming-timeout", "streaming-connection-idle-timeout", "a duration other than 0", (value) =>
      /[1-9]/.test(value),
    ),
    requirement("pod-pids", "pod-max-pids", "greater than 0", (value) => Number(value) > 0),
    requirement("seccomp-default", "seccomp-default", "true", (value) => value === "true"),
  ],
});
