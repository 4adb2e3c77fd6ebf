import { defaults } from "../../fleet/defaults";
import { nodePoolObject } from "../../fleet/kubernetes/node-pool";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";
import type { ClusterSpec, Fleet } from "../../fleet/model";
import { describeUnknown } from "../../fleet/problem";
import { evaluate } from "../engine/evaluate";
import { EVERY_ENVIRONMENT, type Policy } from "../engine/policy";
import type { PolicyReport } from "../engine/report";
import { rules } from "../rules";
import type { Received } from "./received";

/** The cluster that the objects under test go to. */
export interface ClusterContext {
  /** The fleet whose node pools the pods may run on. @default only `FleetNodePool` objects under test describe nodes */
  readonly fleet?: Fleet;
  /** A cluster of the fleet. @default the cluster that `renderFleet` rendered, or the fleet's only cluster */
  readonly cluster?: string;
}

/** How policy is checked in a test. */
export interface Compliance extends ClusterContext {
  /** The team's policy. @default Skerry's rules with their own severities */
  readonly policy?: Policy;
  /** The environment whose severities apply. @default "default" */
  readonly environment?: string;
  /** `major.minor.patch`. @default the cluster's version, or the version that this release is tested with */
  readonly kubernetesVersion?: string;
  /** Other objects in the cluster: rules see them, findings about them are dropped. @default [] */
  readonly context?: readonly KubeObject[];
  /** Ids of the rules to evaluate. @default all rules */
  readonly rules?: readonly string[];
  /** The lowest severity that fails the test. @default "error" */
  readonly failOn?: "error" | "warning";
  /** The date on which waivers are evaluated, `2026-11-24`. @default today (UTC) */
  readonly today?: string;
}

/**
 * Returns the cluster that the objects under test go to; undefined without a fleet.
 *
 * @throws RangeError when the cluster is unknown, or when the fleet has several and none is named
 */
function clusterOf(
  { cluster: renderedCluster }: Received,
  { fleet, cluster = renderedCluster }: ClusterContext,
): ClusterSpec | undefined {
  if (!fleet) return undefined;
  const [only, ...more] = fleet.clusters;
  const found = cluster === undefined && more.length === 0 ? only : fleet.clusters.find(({ name }) => name === cluster);
  if (found) return found;
  const names = fleet.clusters.map(({ name }) => name);
  throw new RangeError(
    `cluster: ${cluster === undefined ? `must be set: one of ${names.join(", ")}` : describeUnknown("cluster", cluster, names)}`,
  );
}

/** Returns the node pools of the fleet's cluster as objects, without those that are among the objects under test. */
export function contextPools(received: Received, context: ClusterContext): KubeObject[] {
  const ids = new Set(received.objects.map(objectId));
  const pools = clusterOf(received, context)?.nodePools.map(nodePoolObject) ?? [];
  return pools.filter((object) => !ids.has(objectId(object)));
}

/** Evaluates Skerry's rules and the policy's on the objects under test. */
export function evaluateReceived(received: Received, options: Compliance): PolicyReport {
  const cluster = clusterOf(received, options);
  const name = cluster?.name ?? received.cluster;
  const kubernetesVersion =
    options.kubernetesVersion ?? cluster?.kubernetesVersion ?? defaults.cluster.kubernetesVersion;
  const context = [...contextPools(received, options), ...(options.context ?? [])];
  return evaluate(
    rules,
    { clusters: [{ ...(name !== undefined && { name }), kubernetesVersion, objects: received.objects, context }] },
    {
      policy: options.policy ?? {},
      environment: options.environment ?? EVERY_ENVIRONMENT,
      today: options.today ?? new Date().toISOString().slice(0, 10),
      ...(options.rules && { only: options.rules }),
      // A test checks a part of what the policy's waivers are for.
      unusedWaivers: false,
      locator: {
        object: (object) => {
          const construct = received.construct(object);
          return construct === undefined ? {} : { construct };
        },
      },
    },
  );
}
