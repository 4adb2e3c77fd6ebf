import type { V1Job, V1Node } from "@kubernetes/client-node";

import { upgradeLabels } from "../../charts/upgrades/names";
import { protectedLabels } from "../../fleet/labels";
import type { ObservedJob, ObservedNode, ObservedWave } from "../../fleet/upgrades/decide-wave";

/** The fields of a Plan that a wave reads. */
export interface PlanObject {
  readonly spec?: { readonly concurrency?: number; readonly version?: string };
  readonly status?: { readonly applying?: readonly string[] };
}

/** Converts a Node to what a wave decides on. */
export function toObservedNode({ metadata, spec, status }: V1Node): ObservedNode {
  const mark = metadata?.labels?.[protectedLabels.upgrade];
  const condition = status?.conditions?.find(({ type }) => type === "Ready");
  const ready = condition?.status === "True";
  const since = ready ? undefined : condition?.lastTransitionTime;
  return {
    name: metadata?.name ?? "",
    version: status?.nodeInfo?.kubeletVersion ?? "",
    ready,
    ...(since && { notReadySince: new Date(since).getTime() }),
    cordoned: spec?.unschedulable ?? false,
    ...(mark !== undefined && { mark }),
  };
}

/** Converts a Job of the system-upgrade-controller to what a wave decides on. */
export function toObservedJob({ metadata, status }: V1Job): ObservedJob {
  const ended = status?.conditions?.find(
    ({ type, status: value }) => (type === "Complete" || type === "Failed") && value === "True",
  );
  const job = { name: metadata?.name ?? "", node: metadata?.labels?.[upgradeLabels.node] ?? "" };
  if (!ended) return { ...job, state: "running" };
  const message = [ended.reason, ended.message].filter(Boolean).join(": ");
  return {
    ...job,
    state: ended.type === "Complete" ? "succeeded" : "failed",
    ...(ended.lastTransitionTime && { finishedAt: new Date(ended.lastTransitionTime).getTime() }),
    ...(ended.type === "Failed" && message !== "" && { message }),
  };
}

/** Converts a Plan to what a wave decides on. */
export function toObservedPlan({ spec, status }: PlanObject): NonNullable<ObservedWave["plan"]> {
  return {
    concurrency: spec?.concurrency ?? 0,
    version: spec?.version ?? "",
    applying: status?.applying ?? [],
  };
}
