import { HARDENING_SETTINGS, type HardeningSetting } from "../../fleet/k3s/hardening/settings";
import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const k3sHardened: FleetRule = {
  subject: "fleet",
  id: "k3s-hardened",
  title: "Clusters have every hardening setting",
  why: "An exception lets an attack succeed that the setting prevents. Its reason should still be true.",
  severity: "info",
  remedy: "Remove the exception from hardening.exceptions of the cluster when its reason no longer applies.",
  check: ({ clusters }) =>
    clusters.flatMap(({ name, hardening }, index) =>
      (hardening?.exceptions ?? []).map(({ setting, reason }, at) => {
        const { controls }: HardeningSetting = HARDENING_SETTINGS[setting];
        return {
          path: formatPath(["clusters", index, "hardening", "exceptions", at]),
          message: `cluster ${name} does without ${setting} (CIS ${controls.join(", ")}): ${reason}`,
        };
      }),
    ),
};
