import type { Stack, UpOptions } from "@pulumi/pulumi/automation";

import { findObstacle } from "../../components/clusters/reachability";
import type { Progress } from "../progress";
import { type DeployedCluster, findClusters, type StateResource } from "./clusters";

/** Exit code of commands that did everything except for unreachable clusters. */
export const EXIT_UNREACHABLE = 4;

/** A cluster whose Kubernetes API does not answer. */
export interface UnreachableCluster extends DeployedCluster {
  /** Why it does not answer. */
  readonly reason: string;
}

/** Returns the resources in the state of a stack, with secrets decrypted. */
export async function readResources(stack: Stack): Promise<readonly StateResource[]> {
  const exported = await stack.exportStack();
  return (exported.deployment as { readonly resources?: readonly StateResource[] }).resources ?? [];
}

/** Asks the API of every cluster in the state, and returns the clusters that do not answer. */
export async function findUnreachable(
  resources: readonly StateResource[],
  progress: Progress,
): Promise<UnreachableCluster[]> {
  const clusters = findClusters(resources);
  if (clusters.length === 0) return [];
  const step = progress.start("clusters", "waiting for their APIs");
  const found = await probe(clusters);
  const names = found.map(({ name, reason }) => `${name} (${reason})`).join(", ");
  if (found.length === 0) step.done(`${clusters.length} reachable`);
  else step.failed(`${found.length} of ${clusters.length} unreachable: ${names}`);
  return found;
}

/** Returns the clusters whose APIs do not answer. */
export async function probe(clusters: readonly DeployedCluster[]): Promise<UnreachableCluster[]> {
  const probed = await Promise.all(
    clusters.map(async (cluster) => ({ ...cluster, reason: await findObstacle(cluster.kubeconfig) })),
  );
  return probed.flatMap(({ reason, ...cluster }) => (reason === undefined ? [] : [{ ...cluster, reason }]));
}

/**
 * Options that make Pulumi leave clusters as they are, and keep all of their resources in the state. The engine never
 * excludes a provider by itself, but does exclude what depends on one that is named.
 */
export function excluding(clusters: readonly DeployedCluster[]): Pick<UpOptions, "exclude" | "excludeDependents"> {
  if (clusters.length === 0) return {};
  return { exclude: [...new Set(clusters.flatMap(({ urn, provider }) => [urn, provider]))], excludeDependents: true };
}
