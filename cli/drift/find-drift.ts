import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";

import { describeChange } from "../../preview/plan";
import type { Progress } from "../progress";
import { Ancestry, findClusters } from "../pulumi/clusters";
import { UpdateFailed, UpdateObserver } from "../pulumi/run";
import { excluding, findUnreachable, readResources } from "../pulumi/unreachable";
import type { DriftedResource, DriftReport } from "./report";

/**
 * Without it, a preview ends with an error at the first field that another manager changed. A preview only sends dry runs, so
 * nothing is overwritten.
 */
const REPORT_CONFLICTS = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const keyOf = ({ cluster = "", type, name }: DriftedResource): string => [cluster, type, name].join("\0");

/**
 * Reads every resource of a stack, and returns those that differ from the program. Changes no resource and no state. Clusters that
 * cannot be reached are left out.
 *
 * @throws UpdateFailed with every error of the engine
 */
export async function findDrift(stack: Stack, progress: Progress): Promise<DriftReport> {
  stack.workspace.envVars = { ...stack.workspace.envVars, ...REPORT_CONFLICTS };
  const resources = await readResources(stack);
  const clusters = findClusters(resources);
  const unreachable = await findUnreachable(resources, progress);
  const step = progress.start("pulumi preview", "refreshing");
  const observer = new UpdateObserver(step);
  const ancestry = new Ancestry(resources);
  const drifted: DriftedResource[] = [];
  const compared = new Set<string>();
  const onEvent = (event: EngineEvent): void => {
    observer.onEvent(event);
    ancestry.onEvent(event);
    if (!event.resourcePreEvent) return;
    const { op, urn, new: next, old, detailedDiff, diffs } = event.resourcePreEvent.metadata;
    const custom = (next ?? old)?.custom === true;
    if (custom) compared.add(urn);
    const change = describeChange({ op, urn, custom });
    if (!change) return;
    const { operation, type, name } = change;
    const cluster = ancestry.findCluster(urn, clusters)?.name;
    // The engine writes null for absent lists.
    const fields = [...new Set(detailedDiff ? Object.keys(detailedDiff) : (diffs ?? []))].sort();
    drifted.push({ ...(cluster !== undefined && { cluster }), operation, type, name, fields });
  };
  try {
    await stack.preview({ refresh: true, onEvent, color: "never", suppressProgress: true, ...excluding(unreachable) });
  } catch (error) {
    step.failed("failed");
    throw observer.problems.length > 0 ? new UpdateFailed([...new Set(observer.problems)].join("\n")) : error;
  }
  step.done(`${drifted.length} of ${compared.size} resources drifted`);
  return {
    version: 1,
    stack: stack.name,
    resources: compared.size,
    drifted: drifted.sort((a, b) => compareTexts(keyOf(a), keyOf(b))),
    unreachable: unreachable.map(({ name: cluster, reason }) => ({ cluster, reason })),
  };
}
