import { defaults } from "../../fleet/defaults";
import { nodePoolObject } from "../../fleet/kubernetes/node-pool";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";
import type { ClusterSpec, Fleet } from "../../fleet/model";
import { describeUnknown } from "../../fleet/problem";
import { evaluate } from "../engine/evaluate";
import type { Policy } from "../engine/policy";
import type { PolicyReport } from "../engine/report";
import { rules } from "../rules";
import { EVERY_ENVIRONMENT } from "../engine/severities";
import type { Received } from "./received";

/** Into what the objects under test go. */
export interface ClusterContext {
  /** Its node pools are then known. @default nothing is known of nodes, but for `FleetNodePool` objects under test */
  readonly fleet?: Fleet;
  /** A cluster of the fleet. @default the one that `renderFleet` gave the objects for, else the only one */
  readonly cluster?: string;
}

/** How objects are judged. */
export interface Compliance extends ClusterContext {
  /** A team's own rules, severities and waivers. @default none: Skerry's rules as they are */
  readonly policy?: Policy;
  /** Whose severities hold. @default "default" */
  readonly environment?: string;
  /** `major.minor.patch`. @default the cluster's, else the version that this release is tested with */
  readonly kubernetesVersion?: string;
  /** What else is in the cluster: known to the rules, not judged. @default [] */
  readonly context?: readonly KubeObject[];
  /** Ids of the rules that are asked. @default all of them */
  readonly rules?: readonly string[];
  /** What counts as broken. @default "error" */
  readonly failOn?: "error" | "warning";
  /** The day on which waivers are judged, `2026-11-24`. @default today, UTC */
  readonly today?: string;
}

/**
 * The cluster that objects under test go to; undefined when no fleet is named.
 *
 * @throws RangeError when the fleet has several and none is named, or not the one that is
 */
export function clusterOf(
  { cluster: own }: Received,
  { fleet, cluster = own }: ClusterContext,
): ClusterSpec | undefined {
  if (!fleet) return undefined;
  const [only, ...more] = fleet.clusters;
  const found = cluster === undefined && more.length === 0 ? only : fleet.clusters.find(({ name }) => name === cluster);
  if (found) return found;
  const names = fleet.clusters.map(({ name }) => name);
  throw new RangeError(
    `cluster: ${cluster === undefined ? `say which: ${names.join(", ")}` : describeUnknown("cluster", cluster, names)}`,
  );
}

/** The node pools of the fleet's cluster as objects: those that are not among the objects under test. */
export function poolsAround(received: Received, surroundings: ClusterContext): KubeObject[] {
  const ids = new Set(received.objects.map(objectId));
  const pools = clusterOf(received, surroundings)?.nodePools.map(nodePoolObject) ?? [];
  return pools.filter((object) => !ids.has(objectId(object)));
}

/** What the rules find in objects under test. */
export function judged(received: Received, options: Compliance): PolicyReport {
  const home = clusterOf(received, options);
  const name = home?.name ?? received.cluster;
  return evaluate(
    rules,
    {
      clusters: [
        {
          ...(name !== undefined && { name }),
          kubernetesVersion: options.kubernetesVersion ?? home?.kubernetesVersion ?? defaults.cluster.kubernetesVersion,
          objects: received.objects,
          context: [...poolsAround(received, options), ...(options.context ?? [])],
        },
      ],
    },
    {
      policy: options.policy ?? {},
      environment: options.environment ?? EVERY_ENVIRONMENT,
      today: options.today ?? new Date().toISOString().slice(0, 10),
      ...(options.rules && { only: options.rules }),
      // A test looks at a part; the policy's waivers are for all of it.
      unusedWaivers: false,
      places: {
        object: (object) => {
          const construct = received.construct(object);
          return construct === undefined ? {} : { construct };
        },
      },
    },
  );
}
