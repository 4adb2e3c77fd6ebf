import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";
import { admissionPlugin, argumentsOf } from "../k3s/rendered-machines";

export const k3sEventsLimited = machineRule({
  id: "k3s-events-limited",
  title: "API servers limit the rate of events",
  why: "A program that fails in a loop reports events without end, and fills etcd for the whole cluster.",
  severity: "error",
  remedy:
    "Enable the admission plugins NodeRestriction and EventRateLimit, and configure limits in admission-control-config-file.",
  controls: ["CIS 1.2.9", "CIS 1.2.14"],
  requirements: [
    {
      setting: "event-rate-limit",
      role: "server",
      check: (machine) => {
        const enabled = argumentsOf(machine, "kube-apiserver")["enable-admission-plugins"];
        const missing = ["NodeRestriction", "EventRateLimit"].filter((name) => !enabled?.split(",").includes(name));
        const limits = admissionPlugin(machine, "EventRateLimit")?.limits;
        return [
          ...(missing.length === 0
            ? []
            : [`enable-admission-plugins must include ${missing.join(" and ")}, got ${formatValue(enabled)}`]),
          ...(Array.isArray(limits) && limits.length > 0
            ? []
            : ["admission-control-config-file must have limits for EventRateLimit"]),
        ];
      },
    },
  ],
});
