import type { MachineRole } from "../../fleet/k3s/boot/unit";
import type { HardeningSettingId } from "../../fleet/k3s/hardening/settings";
import type { ClusterSpec } from "../../fleet/model";
import { formatPath } from "../../fleet/problem";
import type { FleetRule, RuleMetadata } from "../engine/rule";
import { type RenderedMachine, renderMachines } from "./rendered-machines";

/** What a rule requires of a machine. */
export interface MachineRequirement {
  /** The hardening setting that fulfils it. A cluster with an exception for the setting is not checked. @default - none */
  readonly setting?: HardeningSettingId;
  /** @default - every machine */
  readonly role?: MachineRole;
  /** Returns what is wrong, without the name of the machine. */
  check(this: void, machine: RenderedMachine): readonly string[];
}

/** Checks the machines that Skerry renders for each cluster. */
export interface MachineRule extends FleetRule {
  readonly requirements: readonly MachineRequirement[];
}

/** Returns the requirements that apply to a machine of a cluster. */
const applicable = (
  { requirements }: Pick<MachineRule, "requirements">,
  { hardening }: ClusterSpec,
  role: MachineRole,
) =>
  requirements.filter(
    (requirement) =>
      (requirement.role ?? role) === role &&
      !hardening?.exceptions.some(({ setting }) => setting === requirement.setting),
  );

/** @param machinesOf renders the machines of a cluster */
export const machineRule = (
  rule: RuleMetadata & Pick<MachineRule, "requirements">,
  machinesOf: (cluster: ClusterSpec) => readonly RenderedMachine[] = renderMachines,
): MachineRule => ({
  ...rule,
  subject: "fleet",
  check: ({ clusters }) =>
    clusters.flatMap((cluster, index) =>
      machinesOf(cluster).flatMap((machine) =>
        applicable(rule, cluster, machine.role).flatMap(({ check }) =>
          check(machine).map((problem) => ({
            path: formatPath(["clusters", index, ...machine.path]),
            message: `${machine.subject}: ${problem}`,
          })),
        ),
      ),
    ),
});
