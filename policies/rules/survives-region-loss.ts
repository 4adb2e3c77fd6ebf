import type { DrillRule } from "../engine/rule";

export const survivesRegionLoss: DrillRule = {
  subject: "drill",
  id: "survives-region-loss",
  title: "Workloads stay as available as they state when any one region is lost",
  why: "A region without power or connection takes all of its nodes at once, and the budgets of its workloads cannot stop that.",
  severity: "warning",
  remedy:
    "Spread the workload over regions (SpreadAcrossRegions), leave room for its pods elsewhere, or add servers in other regions if the control plane is lost. Lower the stated minimum if the loss is acceptable.",
  check: (broken) => broken.filter(({ drill }) => drill.startsWith("region=")),
};
